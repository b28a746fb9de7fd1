// What a correction makes of an answer.
import { expect, it } from 'vitest';
import { corrected } from './corrected';
import type { Answer } from './model';

const GIVEN: Answer = {
  question: 'care',
  number: '1',
  title: '护理',
  key: '4',
  label: '不满意',
  atMs: 9_000,
  reactionMs: 800,
  source: 'rtp_event',
  hints: ['low'],
  spoken: null,
  corrected: null,
};
const MADE = { question: 'care', kind: 'value', value: 1, label: '满意', who: 'wang', reason: '听录音' };
const WORDS = { hints: { refused: '拒答' } };

it('shows what counts and strikes what was given', () => {
  const [answer] = corrected([GIVEN], [{ ...MADE, value: 2, label: '比较满意' }, MADE], WORDS);
  expect(answer).toMatchObject({
    key: '1',
    label: '满意',
    corrected: { key: '4', label: '不满意', by: 'wang', why: '听录音' },
  });
});

it('says in words what has no value, and leaves other answers alone', () => {
  const refused = { ...MADE, kind: 'refused', value: null, label: null };
  expect(corrected([GIVEN], [refused], WORDS)[0]).toMatchObject({ key: null, label: '拒答' });
  expect(corrected([GIVEN], [{ ...MADE, question: 'food' }], WORDS)[0]).toEqual(GIVEN);
});
