import { describe, expect, it } from 'vitest';
import { kappaText } from './data';
import { dayBefore, startOfDay } from './zone';

describe('a day of the hospital', () => {
  it('begins at its own midnight', () => {
    expect(startOfDay('2026-11-20', 'Asia/Shanghai')).toBe('2026-11-19T16:00:00.000Z');
    expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDay('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
  });

  it('is counted back over the end of a month', () => {
    expect(dayBefore('2026-11-03', 7)).toBe('2026-10-27');
  });
});

it('writes kappa with two decimals, and nothing where it is not defined', () => {
  expect([0.4, -0.05, 1, null].map(kappaText)).toEqual(['0.40', '−0.05', '1.00', '—']);
});
