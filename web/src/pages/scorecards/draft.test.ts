import { describe, expect, it } from 'vitest';
import type { Item } from '../replay/ScorecardMarks';
import { makeFatal, move, newItem, sum, typed, weigh } from './draft';

const first = newItem([]);

describe('a draft', () => {
  it('moves an item and nothing beyond the ends', () => {
    expect(move(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(move(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b']);
    expect(move(['a'], 0, -1)).toEqual(['a']);
  });

  it('gives a new item what is left of the hundred, and an id of its own', () => {
    expect(first.weight).toBe(100);
    const items: Item[] = [weigh(first, 30)];
    const second = newItem(items);
    expect(second.weight).toBe(70);
    expect(second.id).not.toBe(first.id);
    expect(sum([...items, second])).toBe(100);
  });

  it('keeps the best option worth the weight', () => {
    expect(weigh(first, 30).options.map((one) => one.points)).toEqual([30, 30, 0]);
    expect(weigh(weigh(first, 0), 20).options.map((one) => one.points)).toEqual([20, 0, 0]);
  });

  it('lets the last option of a fatal item fail the call, and none of another', () => {
    expect(makeFatal(first, true).options.map((one) => one.fails)).toEqual([false, false, true]);
    expect(makeFatal(makeFatal(first, true), false).options.some((one) => one.fails)).toBe(false);
  });

  it('is sent with everything that the daemon asks for', () => {
    const sent = typed({ zh: '表', en: 'Card', items: [{ ...first, question: '' }] });
    expect(sent.items[0]?.question).toBeNull();
    expect(sent.items[0]?.options[0]).toEqual({ zh: '做到', en: 'Yes', points: 100, fails: false });
  });
});
