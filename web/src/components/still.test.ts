import { describe, expect, it } from 'vitest';
import { inPlace } from './still';

describe('a list under the pointer', () => {
  it('keeps its rows in their places, with their newest figures', () => {
    const held = [
      { id: 'a', n: 3 },
      { id: 'b', n: 2 },
      { id: 'gone', n: 1 },
    ];
    const fresh = [
      { id: 'new', n: 9 },
      { id: 'b', n: 7 },
      { id: 'a', n: 3 },
    ];
    expect(inPlace(held, fresh, (row) => row.id)).toEqual([
      { id: 'a', n: 3 },
      { id: 'b', n: 7 },
      { id: 'gone', n: 1 },
    ]);
  });
});
