import { describe, expect, it } from 'vitest';
import { csvOf } from './refused';

describe('the file of refused rows', () => {
  it('holds no formula and keeps commas and quotes in their cells', () => {
    const text = csvOf(
      ['row', 'value'],
      [
        ['7', '=1+1'],
        ['8', 'a,"b"'],
        ['9', '@x\r\ny'],
      ],
    );
    expect(text).toBe('\u{feff}row,value\r\n7,\'=1+1\r\n8,"a,""b"""\r\n9,"\'@x\r\ny"\r\n');
  });
});
