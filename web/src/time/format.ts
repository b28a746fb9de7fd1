// Times as the console writes them: numeric dates, 24 hours, the hospital's zone; the year only when it is not this one.
import type { Language } from '../i18n';

interface Parts {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clock shows at a moment, each part with its leading zeros. */
export function partsOf(at: Date, zone: string): Parts {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(zone, formatter);
  }
  const found: Record<string, string> = {};
  for (const part of formatter.formatToParts(at)) found[part.type] = part.value;
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = found;
  return { year, month, day, hour, minute, second };
}

const WEEKDAYS: Record<Language, readonly string[]> = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};

export const NOTHING = '—';

export class Times {
  constructor(
    readonly zone: string,
    readonly language: Language,
    private readonly now: () => number = Date.now,
  ) {}

  private parts(at: string | number): Parts | null {
    const date = new Date(at);
    return Number.isNaN(date.getTime()) ? null : partsOf(date, this.zone);
  }

  private year(parts: Parts): string {
    return parts.year === partsOf(new Date(this.now()), this.zone).year ? '' : `${parts.year}-`;
  }

  /** 11-20 */
  day(at: string | number | null | undefined): string {
    const parts = at === null || at === undefined ? null : this.parts(at);
    return parts ? `${this.year(parts)}${parts.month}-${parts.day}` : NOTHING;
  }

  /** 11-20 19:04 */
  minute(at: string | number | null | undefined): string {
    const parts = at === null || at === undefined ? null : this.parts(at);
    return parts ? `${this.year(parts)}${parts.month}-${parts.day} ${parts.hour}:${parts.minute}` : NOTHING;
  }

  /** 11-20 19:04:12 */
  second(at: string | number | null | undefined): string {
    const parts = at === null || at === undefined ? null : this.parts(at);
    return parts
      ? `${this.year(parts)}${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`
      : NOTHING;
  }

  /** 19:04 */
  hour(at: string | number | null | undefined): string {
    const parts = at === null || at === undefined ? null : this.parts(at);
    return parts ? `${parts.hour}:${parts.minute}` : NOTHING;
  }

  /** 19:04:12 */
  clock(at: string | number | null | undefined): string {
    const parts = at === null || at === undefined ? null : this.parts(at);
    return parts ? `${parts.hour}:${parts.minute}:${parts.second}` : NOTHING;
  }

  /** 2026-11-20, as the API's date filters take it */
  date(at: string | number): string {
    const parts = this.parts(at);
    return parts ? `${parts.year}-${parts.month}-${parts.day}` : '';
  }

  /** 周五 */
  weekday(at: string | number): string {
    const parts = this.parts(at);
    if (!parts) return NOTHING;
    const day = new Date(
      Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day)),
    ).getUTCDay();
    return WEEKDAYS[this.language][day] ?? NOTHING;
  }

  /** 11月20日 周五 */
  longDay(at: string | number): string {
    const parts = this.parts(at);
    if (!parts) return NOTHING;
    const weekday = this.weekday(at);
    return this.language === 'zh'
      ? `${Number(parts.month)}月${Number(parts.day)}日 ${weekday}`
      : `${parts.month}-${parts.day} ${weekday}`;
  }

  /** 25 岁 · 25 y; what is no number of years stays as the hospital wrote it. */
  age(text: string): string {
    return text.trim().replace(/^(\d+)\s*岁?$/, this.language === 'zh' ? '$1 岁' : '$1 y');
  }

  /** 刚刚, 5 分钟前, then the time itself */
  ago(at: string | number): string {
    const passed = this.now() - new Date(at).getTime();
    if (Number.isNaN(passed)) return NOTHING;
    if (passed < 60_000) return this.language === 'zh' ? '刚刚' : 'just now';
    const minutes = Math.floor(passed / 60_000);
    if (minutes < 60) return this.language === 'zh' ? `${minutes} 分钟前` : `${minutes} min ago`;
    return this.minute(at);
  }

  /** 3 分 30 秒 · 3 min 30 s */
  length(ms: number | null | undefined): string {
    if (ms === null || ms === undefined) return NOTHING;
    const seconds = Math.round(ms / 1000);
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
    const zh = this.language === 'zh';
    const parts: string[] = [];
    if (h > 0) parts.push(zh ? `${h} 小时` : `${h} h`);
    if (m > 0) parts.push(zh ? `${m} 分` : `${m} min`);
    if (s > 0 || parts.length === 0) parts.push(zh ? `${s} 秒` : `${s} s`);
    return parts.join(' ');
  }

  /** 1.5 秒, −0.1 秒 · 1.5 s */
  seconds(ms: number | null | undefined): string {
    if (ms === null || ms === undefined) return '';
    const text = (Math.abs(ms) / 1000).toFixed(1);
    return `${ms <= -50 ? '−' : ''}${text} ${this.language === 'zh' ? '秒' : 's'}`;
  }
}

/** Recording time: 2:17.9 */
export function moment(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const minutes = Math.floor(tenths / 600);
  const rest = tenths % 600;
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, '0')}.${rest % 10}`;
}

/** Recording time without tenths: 2:17 */
export function wholeMoment(ms: number): string {
  return moment(ms).replace(/\.\d$/, '');
}

/** 1,284 */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** A rate with its denominator: 58.4%; — when there is nothing to divide by. */
export function rate(numerator: number, denominator: number, decimals = 1): string {
  return denominator === 0 ? NOTHING : `${((numerator / denominator) * 100).toFixed(decimals)}%`;
}
