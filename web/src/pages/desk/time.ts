// Times as an agent types them: 11-21 18:30, with or without the year, a day alone for a follow-up.
import { timeIn } from '../../time/day';

/** `11-21 18:30` or `2026-11-21 18:30` or `11-21` (at nine) in the zone; of a day already passed this year, the next. null: unreadable. */
export function timeOf(text: string, zone: string, now: number): string | null {
  const found = /^(?:(\d{4})-)?(\d{1,2})-(\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?$/.exec(text.trim());
  if (found === null) return null;
  const [, year, month = '', day = '', hour = '9', minute = '00'] = found;
  const pad = (part: string) => part.padStart(2, '0');
  const of = (y: number) => timeIn(`${y}-${pad(month)}-${pad(day)} ${pad(hour)}:${minute}`, zone);
  const thisYear = new Date(now).getUTCFullYear();
  if (year !== undefined) return of(Number(year));
  const near = of(thisYear);
  // In December people say January: what lies more than half a year behind is meant for next year.
  if (near !== null && now - Date.parse(near) > 180 * 86_400_000) return of(thisYear + 1);
  return near;
}

/** 02:14, or 1:02:14 over an hour. */
export function clock(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${pad(m)}:${pad(s)}`;
}
