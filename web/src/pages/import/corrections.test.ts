import { describe, expect, it } from 'vitest';
import { bodyOf, type Corrections, put, takeBack } from './corrections';

const none: Corrections = new Map();
const cell = (row: number, column: string, value: string) => ({ row, column, value });

describe('cells that were put right', () => {
  it('stand once for each cell, and can be taken back', () => {
    const two = put(put(put(none, cell(7, 'E', '1')), cell(7, 'E', '13800001111')), cell(8, 'B', '张'));
    expect([...two.keys()]).toEqual(['E7', 'B8']);
    expect(two.get('E7')?.value).toBe('13800001111');
    expect([...takeBack(two, 'E7').keys()]).toEqual(['B8']);
    expect(two.size).toBe(2);
  });

  it('go before the list, counted in octets', async () => {
    const list = new Blob(['a,b']);
    expect(bodyOf(list, none)).toEqual({ body: list, octets: 0 });
    const { body, octets } = bodyOf(list, put(none, cell(8, 'B', '张')));
    const bytes = new Uint8Array(await body.arrayBuffer());
    const text = new TextDecoder();
    expect(JSON.parse(text.decode(bytes.slice(0, octets)))).toEqual([cell(8, 'B', '张')]);
    expect(text.decode(bytes.slice(octets))).toBe('a,b');
  });
});
