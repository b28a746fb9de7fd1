import { describe, expect, it } from 'vitest';
import { dayEnd, dayStart } from './day';
import { count, moment, NOTHING, rate, Times, wholeMoment } from './format';

const now = () => Date.parse('2026-11-20T11:42:08Z');
const zh = new Times('Asia/Shanghai', 'zh', now);
const en = new Times('Asia/Shanghai', 'en', now);

describe('times', () => {
  it('are those of the hospital, whatever zone the browser is in', () => {
    expect(zh.second('2026-11-20T11:04:12.018Z')).toBe('11-20 19:04:12');
    expect(zh.minute('2026-11-20T11:04:12Z')).toBe('11-20 19:04');
    expect(zh.clock('2026-11-20T11:42:08Z')).toBe('19:42:08');
    expect(new Times('America/New_York', 'en', now).hour('2026-11-20T11:42:08Z')).toBe('06:42');
  });

  it('name the year only when it is not this one', () => {
    expect(zh.day('2025-11-20T11:04:12Z')).toBe('2025-11-20');
    expect(zh.day('2026-11-20T11:04:12Z')).toBe('11-20');
    // Shanghai is in the new year before UTC is.
    expect(zh.day('2026-12-31T17:00:00Z')).toBe('2027-01-01');
  });

  it('write midnight as 00:00', () => {
    expect(zh.minute('2026-11-19T16:00:00Z')).toBe('11-20 00:00');
  });

  it('know the weekday there', () => {
    expect(zh.weekday('2026-11-20T11:04:12Z')).toBe('周五');
    expect(en.weekday('2026-11-20T17:04:12Z')).toBe('Sat');
    expect(zh.longDay('2026-11-20T11:04:12Z')).toBe('11月20日 周五');
  });

  it('print a dash for what is not there or is no time', () => {
    expect(zh.second(null)).toBe(NOTHING);
    expect(zh.second(undefined)).toBe(NOTHING);
    expect(zh.minute('nonsense')).toBe(NOTHING);
  });

  it('say how long a talk was', () => {
    expect(zh.length(210_000)).toBe('3 分 30 秒');
    expect(en.length(210_000)).toBe('3 min 30 s');
    expect(zh.length(0)).toBe('0 秒');
    expect(zh.length(3_600_000)).toBe('1 小时');
    expect(zh.length(null)).toBe(NOTHING);
  });

  it('write a reaction before the end of the prompt with a minus', () => {
    expect(zh.seconds(1_500)).toBe('1.5 秒');
    expect(zh.seconds(-100)).toBe('−0.1 秒');
    expect(en.seconds(-20)).toBe('0.0 s');
  });

  it('call what has just happened so', () => {
    expect(zh.ago('2026-11-20T11:42:00Z')).toBe('刚刚');
    expect(en.ago('2026-11-20T11:37:00Z')).toBe('5 min ago');
    expect(zh.ago('2026-11-20T09:37:00Z')).toBe('11-20 17:37');
  });
});

describe('a day as two moments', () => {
  it('is that of the hospital', () => {
    expect(dayStart('2026-11-20', 'Asia/Shanghai')).toBe('2026-11-19T16:00:00.000Z');
    expect(dayEnd('2026-11-20', 'Asia/Shanghai')).toBe('2026-11-20T16:00:00.000Z');
  });

  it('has 23 or 25 hours where clocks change', () => {
    const hours = (day: string) =>
      (Date.parse(dayEnd(day, 'Europe/Berlin')) - Date.parse(dayStart(day, 'Europe/Berlin'))) / 3_600_000;
    expect(hours('2026-03-29')).toBe(23);
    expect(hours('2026-10-25')).toBe(25);
  });
});

describe('recording time', () => {
  it('has minutes without a leading nought, and tenths that are cut, not rounded', () => {
    expect(moment(137_990)).toBe('2:17.9');
    expect(moment(0)).toBe('0:00.0');
    expect(moment(600_000)).toBe('10:00.0');
    expect(wholeMoment(137_990)).toBe('2:17');
    expect(moment(-5)).toBe('0:00.0');
  });
});

describe('figures', () => {
  it('group thousands', () => {
    expect(count(1284)).toBe('1,284');
  });

  it('print a dash instead of a rate of nothing', () => {
    expect(rate(0, 0)).toBe(NOTHING);
    expect(rate(612, 871, 2)).toBe('70.26%');
    expect(rate(1, 3)).toBe('33.3%');
  });
});
