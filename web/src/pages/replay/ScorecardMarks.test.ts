import { describe, expect, it } from 'vitest';
import {
  band,
  choose,
  type Item,
  type Marks,
  nextOpen,
  received,
  remark,
  sent,
  total,
} from './ScorecardMarks';

const item = (id: string, weight: number, fatal = false): Item => ({
  id,
  zh: id,
  en: id,
  weight,
  fatal,
  options: fatal
    ? [
        { zh: '是', en: 'Yes', points: 0 },
        { zh: '否', en: 'No', points: 0, fails: true },
      ]
    : [
        { zh: '好', en: 'Good', points: weight },
        { zh: '差', en: 'Poor', points: 0 },
      ],
});
const items = [item('notice', 0, true), item('clear', 40), item('answers', 60)];
const all = (marks: readonly number[]): Marks =>
  marks.reduce<Marks>((made, option, at) => choose(made, items[at] as Item, option), {});

describe('a scorecard', () => {
  it('adds up what is marked and says what is left', () => {
    expect(total(items, {})).toEqual({ score: 0, of: 0, left: 3, fatal: false });
    expect(total(items, all([0, 0]))).toEqual({ score: 40, of: 40, left: 1, fatal: false });
    expect(total(items, all([0, 0, 1]))).toEqual({ score: 40, of: 100, left: 0, fatal: false });
  });

  it('comes to nothing when a fatal item fails', () => {
    expect(total(items, all([1, 0, 0]))).toEqual({ score: 0, of: 100, left: 0, fatal: true });
  });

  it('takes no option that the item does not have', () => {
    expect(choose({}, items[0] as Item, 4)).toEqual({});
  });

  it('goes to the next item without a mark, around the end', () => {
    expect(nextOpen(items, all([0]), 0)).toBe(1);
    expect(nextOpen(items, choose({}, items[2] as Item, 0), 2)).toBe(0);
    expect(nextOpen(items, all([0, 0, 0]), 1)).toBe(1);
  });

  it('is sent in its order, without what says nothing, and comes back the same', () => {
    const marks = remark(remark(all([0]), 'answers', '<script>=1+1'), 'clear', '  ');
    expect(sent(items, marks)).toEqual([
      { item: 'notice', option: 0, note: '' },
      { item: 'answers', option: null, note: '<script>=1+1' },
    ]);
    expect(received(sent(items, marks))).toEqual({
      notice: { option: 0, note: '' },
      answers: { option: null, note: '<script>=1+1' },
    });
  });

  it('names how alike two people judge', () => {
    expect([-0.1, 0.1, 0.3, 0.5, 0.8, 0.81].map(band)).toEqual([
      'poor',
      'slight',
      'fair',
      'moderate',
      'substantial',
      'perfect',
    ]);
  });
});
