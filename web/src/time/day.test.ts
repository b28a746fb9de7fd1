import { describe, expect, it } from 'vitest';
import { dayBefore, dayEnd, dayStart, timeIn } from './day';

describe('a day of the hospital', () => {
  it('begins at its own midnight', () => {
    expect(dayStart('2026-11-20', 'Asia/Shanghai')).toBe('2026-11-19T16:00:00.000Z');
    expect(dayStart('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
    expect(dayStart('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
  });

  it('ends where the next begins, also over a change of the clock', () => {
    expect(dayEnd('2026-03-29', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
    expect(dayEnd('2026-12-31', 'Asia/Shanghai')).toBe('2026-12-31T16:00:00.000Z');
  });

  it('is counted back over the end of a month', () => {
    expect(dayBefore('2026-11-03', 7)).toBe('2026-10-27');
  });
});

describe('a time that somebody typed', () => {
  it('is read in the zone, and nothing else is', () => {
    expect(timeIn('2026-11-23 18:30', 'Asia/Shanghai')).toBe('2026-11-23T10:30:00.000Z');
    expect(timeIn('2026-07-01 18:30', 'Europe/Berlin')).toBe('2026-07-01T16:30:00.000Z');
    for (const bad of ['', 'tomorrow', '2026-02-30 10:00', '2026-11-23 25:00', '2026-11-23']) {
      expect(timeIn(bad, 'Asia/Shanghai')).toBeNull();
    }
  });
});
