// The questionnaire as a form: branches, refusals, messages, ends, digits.
import { describe, expect, it } from 'vitest';
import {
  after,
  answersOf,
  before,
  fits,
  follow,
  type Given,
  marked,
  owed,
  type Part,
  progress,
  spoken,
  steps,
  typed,
} from './form';
import { choice, sampleForm as form } from './sample';

const value = (question: string, code: number): Given => ({ question, value: code, refused: false });
const refused = (question: string): Given => ({ question, value: null, refused: true });
const ids = (parts: readonly Part[]) => parts.map((part) => part.id);
const way = (given: readonly Given[], read: readonly string[] = []) =>
  follow(form, answersOf(given), new Set(read));

describe('the way through a questionnaire', () => {
  it('stands at the greeting before anything was said', () => {
    const path = way([]);
    expect(path.here?.id).toBe('greeting');
    expect(ids(steps(path))).toEqual(['identity', 'recovery', 'medicine', 'pain', 'advice']);
  });

  it('goes on once the greeting was read', () => {
    expect(way([], ['greeting']).here?.id).toBe('identity');
  });

  it('passes a message over when what comes after it is answered, as after a reload', () => {
    const path = way([value('identity', 1), value('recovery', 1)]);
    expect(ids(path.passed)).toEqual(['greeting', 'identity', 'introduction', 'recovery']);
    expect(path.here?.id).toBe('medicine');
  });

  it('branches where an option says so, and comes back', () => {
    const given = [value('identity', 1), value('recovery', 4)];
    const path = way(given);
    expect(path.here?.id).toBe('worse');
    expect(way(given, ['worse']).here?.id).toBe('medicine');
  });

  it('branches by a range of a score', () => {
    const all = [value('identity', 1), value('recovery', 1), value('medicine', 1), value('pain', 1)];
    expect(way([...all, value('advice', 9)]).end).toBe('completed');
    expect(way([...all, value('advice', 3)]).here?.id).toBe('sorry');
  });

  it('ends where an option leads to an end', () => {
    const path = way([value('identity', 3)], ['greeting']);
    expect(path.here).toBeNull();
    expect(path.end).toBe('wrong_number');
    expect(path.ahead).toEqual([]);
  });

  it('goes on past a refused question, and a refused identity ends it', () => {
    expect(way([value('identity', 1), refused('recovery')]).here?.id).toBe('medicine');
    expect(way([refused('identity')]).end).toBe('refused');
  });

  it('takes another way when an earlier answer is changed', () => {
    const given = [value('identity', 1), value('recovery', 1), value('medicine', 1)];
    expect(way(given).here?.id).toBe('pain');
    const changed = [value('identity', 2), ...given.slice(1)];
    expect(way(changed).end).toBe('third_party');
  });

  it('does not run in a circle', () => {
    const circle = {
      ...form,
      start: 'a',
      parts: [choice('a', 'b', ['x']), choice('b', 'a', ['y'])],
    };
    const path = follow(circle, answersOf([value('a', 1), value('b', 1)]));
    expect(ids(path.passed)).toEqual(['a', 'b']);
    expect(path.here).toBeNull();
    expect(path.end).toBeNull();
  });

  it('stops at a way to nowhere', () => {
    const broken = { ...form, start: 'a', parts: [choice('a', 'lost', ['x'])] };
    expect(follow(broken, answersOf([value('a', 1)])).here).toBeNull();
  });
});

describe('what is still owed', () => {
  it('is every required question on the way without a value', () => {
    const given = [value('identity', 1), value('recovery', 1), refused('medicine')];
    const path = way(given);
    expect(ids(owed(path, answersOf(given)))).toEqual(['medicine', 'pain', 'advice']);
    expect(progress(path, answersOf(given))).toEqual({ done: 3, all: 5 });
  });

  it('is nothing at the end', () => {
    const given = ['identity', 'recovery', 'medicine', 'pain'].map((id) => value(id, 1));
    const all = [...given, value('advice', 10)];
    expect(owed(way(all), answersOf(all))).toEqual([]);
  });
});

describe('going back and on', () => {
  const path = way([value('identity', 1), value('recovery', 1)]);
  it('follows the way that was gone', () => {
    expect(before(path, path.here)?.id).toBe('recovery');
    const recovery = path.passed.find((part) => part.id === 'recovery');
    expect(recovery).toBeDefined();
    if (recovery === undefined) return;
    expect(before(path, recovery)?.id).toBe('introduction');
    expect(after(path, recovery)?.id).toBe('medicine');
  });
  it('has nothing before the first', () => {
    const first = path.passed[0] ?? null;
    expect(before(path, first)).toBeNull();
  });
});

describe('digits', () => {
  const advice = form.parts.find((part) => part.id === 'advice') as Part;
  it('make ten out of one and nought, and begin anew where no longer number fits', () => {
    expect(typed(advice, null, 1)).toBe(1);
    expect(typed(advice, 1, 0)).toBe(10);
    expect(typed(advice, 10, 5)).toBe(5);
    expect(typed(advice, 7, 9)).toBe(9);
  });
  it('are an answer only within the bounds', () => {
    expect(fits(advice, 10)).toBe(true);
    expect(fits(advice, 11)).toBe(false);
    const recovery = form.parts.find((part) => part.id === 'recovery') as Part;
    expect(fits(recovery, 4)).toBe(true);
    expect(fits(recovery, 5)).toBe(false);
  });
});

describe('the sentence to read', () => {
  const pain = form.parts.find((part) => part.id === 'pain') as Part;
  it('leaves out what only a machine says', () => {
    const recovery = form.parts.find((part) => part.id === 'recovery') as Part;
    expect(spoken(recovery)).toBe('您出院以后恢复得怎么样？恢复良好，有所好转，没有变化，比出院时加重。');
  });
  it('marks the options in it', () => {
    const pieces = marked(spoken(pain), pain);
    expect(pieces.filter((piece) => piece.isOption).map((piece) => piece.text)).toEqual([
      '不疼',
      '活动时疼',
      '一直疼',
    ]);
    expect(pieces.map((piece) => piece.text).join('')).toBe(spoken(pain));
  });
});
