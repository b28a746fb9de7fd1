// Days and times of the hospital's clock as moments, for whatever takes RFC 3339.
import { partsOf } from './format';

const DAY_MS = 86_400_000;

/** How far a zone is ahead of UTC at a moment, in ms. */
function ahead(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(new Date(at), zone);
  const there = Date.UTC(+year, +month - 1, +day, +hour, +minute, +second);
  return there - Math.floor(at / 1000) * 1000;
}

/** When a zone's clock shows what UTC's does at `utc`. Asked twice: the first guess may stand on the other side of a change. */
function shownAt(utc: number, zone: string): string {
  return new Date(utc - ahead(utc - ahead(utc, zone), zone)).toISOString();
}

/** The first moment of `2026-11-20` there. */
export const dayStart = (day: string, zone: string): string => shownAt(Date.parse(`${day}T00:00:00Z`), zone);

/** The first moment of the day after. */
export const dayEnd = (day: string, zone: string): string => dayStart(dayBefore(day, -1), zone);

/** The day so many days before. */
export function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}

/** `2026-11-23 18:30` in a zone as the API takes it; null: it cannot be read. */
export function timeIn(text: string, zone: string): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})$/.exec(text.trim());
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  const utc = Date.UTC(year, month - 1, day, hour, minute);
  const back = new Date(utc);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59) return null;
  return shownAt(utc, zone);
}
