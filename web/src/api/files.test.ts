import { describe, expect, it } from 'vitest';
import { csvOf } from './files';

describe('a table for a spreadsheet', () => {
  it('holds no formula', () => {
    for (const text of ['=1+1', '@SUM(A1)', '-2', '+86', '\tx'])
      expect(csvOf([text], [])).toBe(`\uFEFF'${text}\r\n`);
  });

  it('keeps commas, quotes and line ends in their cells', () => {
    expect(csvOf(['a'], [['a,"b"\r\nc'], ['@x\r\ny']])).toBe('\uFEFFa\r\n"a,""b""\r\nc"\r\n"\'@x\r\ny"\r\n');
    expect(csvOf(['号'], [[null], [7]])).toBe('\uFEFF号\r\n\r\n7\r\n');
  });
});
