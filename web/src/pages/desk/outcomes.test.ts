// What is missing before an outcome is submitted, in the order in which it is asked for.
import { describe, expect, it } from 'vitest';
import type { Talk } from './api';
import { EMPTY, missing, saysTheLine } from './outcomes';
import { sampleTalk } from './sample';
import { clock, timeOf } from './time';
import { words } from './words';

const NOW = Date.parse('2026-11-20T11:26:00Z');
const timeIn = (text: string) => timeOf(text, 'Asia/Shanghai', NOW);
const over: Talk = { ...sampleTalk, state: 'ended' };
const ask = (draft: Partial<typeof EMPTY>, talk = over) =>
  missing({ ...EMPTY, ...draft }, talk, talk === sampleTalk ? 'talking' : 'wrapping_up', timeIn);

describe('what is missing', () => {
  it('is what is left to ask while they talk, and an outcome afterwards', () => {
    expect(ask({}, sampleTalk)).toMatchObject({ word: words.missOwed, n: 3 });
    expect(ask({})?.word).toBe(words.missOutcome);
  });

  it('is the daemon’s own reason where an outcome may not be chosen', () => {
    expect(ask({ outcome: 'completed' })).toMatchObject({ word: words.missOwed, n: 3 });
    const none = { ...over, form: { ...over.form, missing: [] } };
    expect(ask({ outcome: 'completed' }, none)?.word).toMatchObject({ zh: '还有题目未答' });
  });

  it('is a cause, a time, or that the effect of a death is confirmed', () => {
    expect(ask({ outcome: 'refused' })?.word).toBe(words.missCause);
    expect(ask({ outcome: 'refused', cause: '没有时间' })).toBeNull();
    expect(ask({ outcome: 'appointment' })?.word).toBe(words.missTime);
    expect(ask({ outcome: 'appointment', appointAt: 'tomorrow' })?.word).toBe(words.badTime);
    expect(ask({ outcome: 'appointment', appointAt: '11-21 18:30' })).toBeNull();
    expect(ask({ outcome: 'deceased' })?.word).toBe(words.missEffect);
    expect(ask({ outcome: 'deceased', confirmed: true })).toBeNull();
  });

  it('is the hang-up last', () => {
    expect(ask({ outcome: 'wrong_number' }, sampleTalk)?.word).toBe(words.missHangUp);
    expect(ask({ outcome: 'wrong_number' })).toBeNull();
  });

  it('is nothing where nobody was reached: the line says it', () => {
    const busy = {
      ...over,
      patient_leg: {
        state: 'ended' as const,
        since_at: null,
        ending: { end: 'busy', words: { zh: '', en: '' }, status: 486, q850: 17, talk_ms: null },
      },
    };
    expect(saysTheLine(busy, 'wrapping_up')).toBe(true);
    expect(missing(EMPTY, busy, 'wrapping_up', timeIn)).toBeNull();
  });
});

describe('times as an agent types them', () => {
  it('are the hospital’s, with the year guessed', () => {
    expect(timeOf('11-21 18:30', 'Asia/Shanghai', NOW)).toBe('2026-11-21T10:30:00.000Z');
    expect(timeOf('2027-01-05 9:05', 'Asia/Shanghai', NOW)).toBe('2027-01-05T01:05:00.000Z');
    expect(timeOf('1-5', 'Asia/Shanghai', NOW)).toBe('2027-01-05T01:00:00.000Z');
    expect(timeOf('13-45 99:99', 'Asia/Shanghai', NOW)).toBeNull();
    expect(timeOf('', 'Asia/Shanghai', NOW)).toBeNull();
  });

  it('run as a clock', () => {
    expect(clock(134_000)).toBe('02:14');
    expect(clock(3_734_000)).toBe('1:02:14');
    expect(clock(-5)).toBe('00:00');
  });
});
