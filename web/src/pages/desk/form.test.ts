// The questionnaire as a form: the daemon's way through it, going back and on, digits, what is read out.
import { describe, expect, it } from 'vitest';
import type { Form, Step } from './api';
import {
  answerOf,
  beginning,
  END,
  expecting,
  fits,
  following,
  marked,
  passed,
  preceding,
  progress,
  shownStep,
  spoken,
  strip,
  typed,
  windowOf,
} from './form';
import { answer, sampleForm } from './sample';

const ids = (steps: readonly Step[]) => steps.map((step) => step.id);
const at = (id: string): Step => sampleForm.steps.find((step) => step.id === id) as Step;
const form = (path: string[], answers: Form['answers'], more: Partial<Form> = {}): Form => ({
  ...sampleForm,
  path,
  open: path.at(-1) ?? null,
  answers,
  ...more,
});

const fresh = form(['greeting', 'identity'], [], { missing: ['recovery', 'medicine'] });
const branched = form(
  ['greeting', 'identity', 'introduction', 'recovery', 'worse', 'medicine'],
  [answer('identity', 1), answer('recovery', 4)],
);
const ended = form(['greeting', 'identity'], [answer('identity', 3)], {
  open: null,
  end: 'wrong_number',
  missing: [],
});

describe('the way through a questionnaire', () => {
  it('begins at what is to be read before the open question', () => {
    expect(beginning(fresh)).toBe('greeting');
    expect(beginning(branched)).toBe('worse');
    expect(beginning(sampleForm)).toBe('recheck');
    expect(beginning(ended)).toBeNull();
  });

  it('is the daemon’s: a branch is on it, what was not chosen is not', () => {
    expect(ids(passed(branched))).toContain('worse');
    expect(ids(passed(sampleForm))).not.toContain('worse');
  });

  it('shows the open step until the agent stands somewhere', () => {
    expect(shownStep(fresh, null)?.id).toBe('identity');
    expect(shownStep(fresh, 'greeting')?.id).toBe('greeting');
  });

  it('does not turn the page when the patient answers with a key', () => {
    const answered = form(
      ['greeting', 'identity', 'introduction', 'recovery'],
      [answer('identity', 1, { source: 'patient' })],
    );
    expect(shownStep(answered, 'identity')?.id).toBe('identity');
    expect(following(answered, at('identity'))).toMatchObject({ to: 'step', step: { id: 'introduction' } });
  });

  it('falls back to the open step when a changed answer takes the shown one off the way', () => {
    expect(shownStep(sampleForm, 'worse')?.id).toBe('recheck');
  });

  it('goes back along the way that was gone, branch and all', () => {
    expect(preceding(branched, at('medicine'))?.id).toBe('worse');
    expect(preceding(branched, at('worse'))?.id).toBe('recovery');
    expect(preceding(branched, at('greeting'))).toBeNull();
    expect(preceding(ended, null)?.id).toBe('identity');
  });

  it('goes on to the next step, to the end, or nowhere while the question is open', () => {
    expect(following(branched, at('recovery'))).toMatchObject({ to: 'step', step: { id: 'worse' } });
    expect(following(branched, at('medicine'))).toEqual({ to: 'nowhere' });
    expect(following(ended, at('identity'))).toEqual({ to: 'end' });
  });

  it('ends where the answers lead to an end', () => {
    expect(shownStep(ended, END)).toBeNull();
    expect(shownStep(ended, 'identity')?.id).toBe('identity');
    expect(ids(strip(ended))).toEqual(['identity']);
  });
});

describe('the steps', () => {
  it('are the way so far and what ordinarily comes', () => {
    expect(ids(strip(fresh))).toEqual([
      'identity',
      'recovery',
      'medicine',
      'pain',
      'recheck',
      'doctor',
      'advice',
    ]);
    expect(progress(sampleForm)).toEqual({ done: 4, all: 7 });
  });

  it('are shown as a window around the present one where they are many', () => {
    const many = Array.from({ length: 20 }, (_, n) => n);
    expect(windowOf(many, 0, 7).steps).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(windowOf(many, 10, 7)).toEqual({ steps: [7, 8, 9, 10, 11, 12, 13], before: true, after: true });
    expect(windowOf(many, 19, 7)).toEqual({
      steps: [13, 14, 15, 16, 17, 18, 19],
      before: true,
      after: false,
    });
    expect(windowOf([1, 2], 0, 7)).toEqual({ steps: [1, 2], before: false, after: false });
  });
});

describe('digits', () => {
  it('choose the option of that key, and nothing where there is none', () => {
    expect(answerOf(at('pain'), 2, null)).toEqual({ question: 'pain', value: 2 });
    expect(answerOf(at('pain'), 7, null)).toBeNull();
    expect(answerOf(at('greeting'), 1, null)).toBeNull();
  });

  it('make ten out of one and nought, and begin anew where no longer number fits', () => {
    const advice = at('advice');
    expect(typed(advice, null, 1)).toBe(1);
    expect(typed(advice, 1, 0)).toBe(10);
    expect(typed(advice, 10, 5)).toBe(5);
    expect(answerOf(advice, 0, 1)).toEqual({ question: 'advice', value: 10 });
    expect(typed({ ...advice, max: 5 }, null, 7)).toBeNull();
  });

  it('are an answer only within the bounds', () => {
    expect(fits(at('advice'), 10)).toBe(true);
    expect(fits(at('advice'), 11)).toBe(false);
    expect(fits(at('recovery'), 4)).toBe(true);
    expect(fits(at('recovery'), 5)).toBe(false);
  });
});

describe('an answer on its way', () => {
  it('is shown at once, in place of the one before, and keeps its remark', () => {
    const next = expecting(sampleForm, { question: 'pain', value: 3 }, '2026-11-20T11:26:00.000Z');
    const pain = next.answers.filter((one) => one.question === 'pain');
    expect(pain).toHaveLength(1);
    expect(pain[0]).toMatchObject({
      value: 3,
      label: '一直疼',
      source: 'agent',
      remark: '走十来分钟开始疼，不红不肿',
    });
    expect(next.path).toEqual(sampleForm.path);
  });

  it('can be a refusal', () => {
    const next = expecting(sampleForm, { question: 'recheck' }, '2026-11-20T11:26:00.000Z');
    expect(next.answers.at(-1)).toMatchObject({ question: 'recheck', kind: 'refused', value: null });
  });
});

describe('the sentence to read', () => {
  it('leaves out what only a machine says', () => {
    expect(spoken(at('recovery'))).toBe(
      '您出院以后恢复得怎么样？恢复良好，有所好转，没有变化，比出院时加重。',
    );
    expect(spoken({ ...at('recovery'), text: 'How are you? If well, press 1. If worse, press 2.' })).toBe(
      'How are you? If well. If worse.',
    );
  });

  it('marks the options in it', () => {
    const pieces = marked(spoken(at('pain')), at('pain'));
    expect(pieces.filter((piece) => piece.isOption).map((piece) => piece.text)).toEqual([
      '不疼',
      '活动时疼',
      '一直疼',
    ]);
    expect(pieces.map((piece) => piece.text).join('')).toBe(spoken(at('pain')));
  });
});
