import { describe, expect, it } from 'vitest';
import { monthsOf } from './calendar-year';

describe('the months of a year', () => {
  it('have their days on their weekdays, Monday first', () => {
    const [, february, , , , , , , , october] = monthsOf(2026);
    // The first of October 2026 is a Thursday.
    expect(october?.weeks[0]).toEqual([
      null,
      null,
      null,
      '2026-10-01',
      '2026-10-02',
      '2026-10-03',
      '2026-10-04',
    ]);
    expect(february?.weeks.flat().filter((date) => date !== null)).toHaveLength(28);
    expect(monthsOf(2028)[1]?.weeks.flat()).toContain('2028-02-29');
  });
});
