import { expect, it } from 'vitest';
import { windowsOf } from './windows';

it('are told by the clock of the hospital', () => {
  const windows = [
    { from_at: '2026-11-20T01:00:00.000Z', until_at: '2026-11-20T03:30:00.000Z' },
    { from_at: '2026-11-20T10:30:00.000Z', until_at: '2026-11-20T12:30:00.000Z' },
  ];
  expect(windowsOf({ windows, zone: 'Asia/Shanghai' })).toBe('09:00–11:30 18:30–20:30');
  const day = { from_at: '2026-11-19T16:00:00.000Z', until_at: '2026-11-20T16:00:00.000Z' };
  expect(windowsOf({ windows: [day], zone: 'Asia/Shanghai' })).toBe('00:00–24:00');
  expect(windowsOf({ windows: [], zone: 'Asia/Shanghai' })).toBe('');
});
