import { describe, expect, it } from 'vitest';
import { after, beforeOf, monthsUntil, stretch, upTo } from './months';

describe('months', () => {
  it('go back over the new year', () => {
    expect(monthsUntil('2026-02-03', 4)).toEqual(['2026-02', '2026-01', '2025-12', '2025-11']);
    expect(after('2025-12')).toBe('2026-01');
  });

  it('stand side by side, the earliest first', () => {
    expect(upTo('2026-02', 3)).toEqual(['2025-12', '2026-01', '2026-02']);
  });

  it('are the months of the hospital, not of UTC', () => {
    expect(stretch('2026-11', 'Asia/Shanghai')).toEqual({
      from: '2026-10-31T16:00:00.000Z',
      to: '2026-11-30T16:00:00.000Z',
    });
    expect(stretch('all', 'Asia/Shanghai')).toEqual({});
    expect(stretch('2026-13', 'Asia/Shanghai')).toEqual({});
  });
});

describe('the month before', () => {
  it('is of the year before in January, and there is none of all time', () => {
    expect(beforeOf('2026-11')).toBe('2026-10');
    expect(beforeOf('2026-01')).toBe('2025-12');
    expect(beforeOf('all')).toBeNull();
  });
});
