import { describe, expect, it } from 'vitest';
import { cell, csv } from './audit-csv';
import { deviceOf } from './device';

describe('a cell of the exported log', () => {
  it('is never a formula', () => {
    expect(cell('=1+1')).toBe("'=1+1");
    expect(cell('@SUM(A1)')).toBe("'@SUM(A1)");
    expect(cell('-2')).toBe("'-2");
    expect(cell('+86')).toBe("'+86");
    expect(cell('\tx')).toBe("'\tx");
  });

  it('keeps commas, quotes and line ends inside', () => {
    expect(cell('a,"b"\r\nc')).toBe('"a,""b""\r\nc"');
    expect(csv(['号'], [[null], [7]])).toBe('\uFEFF号\r\n\r\n7\r\n');
  });
});

describe('a browser in two words', () => {
  it('is found in what it calls itself', () => {
    expect(deviceOf('Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0')).toBe(
      'Edge 150 · Windows',
    );
    expect(deviceOf('Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0')).toBe('Firefox 140 · Linux');
    expect(deviceOf('curl/8')).toBeNull();
    expect(deviceOf(null)).toBeNull();
  });
});
