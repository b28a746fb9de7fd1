// Which five seconds are heard, and what lights up with a row.
import { describe, expect, it } from 'vitest';
import { around, looped, neighbour, ofAnswer, pressOf, promptOf } from './hearing';
import type { Answer, Press, Prompt } from './model';

const answer = (part: Partial<Answer>): Answer => ({
  question: 'nurses',
  number: '5',
  title: '对护士的服务是否满意',
  key: '4',
  label: '不满意',
  atMs: 137_000,
  reactionMs: 2_400,
  source: 'rtp_event',
  hints: ['low'],
  spoken: null,
  corrected: null,
  ...part,
});
const prompt = (id: string, fromMs: number, part: Partial<Prompt> = {}): Prompt => ({
  id,
  question: 'nurses',
  labels: [id],
  text: '',
  manner: 'whole',
  fromMs,
  toMs: fromMs + 8_000,
  ...part,
});
const press = (seq: number, atMs: number, part: Partial<Press> = {}): Press => ({
  seq,
  key: '4',
  atMs,
  question: 'nurses',
  sense: 'low',
  ...part,
});

describe('what is heard', () => {
  it('is 2.5 seconds before the key to 2.5 seconds after it', () => {
    expect(ofAnswer(answer({}), 221_000)).toEqual({ fromMs: 134_500, toMs: 139_500 });
  });

  it('keeps five seconds at both ends of the recording', () => {
    expect(around(900, 221_000)).toEqual({ fromMs: 0, toMs: 5_000 });
    expect(around(220_500, 221_000)).toEqual({ fromMs: 216_000, toMs: 221_000 });
  });

  it('is the whole of a recording shorter than five seconds', () => {
    expect(around(1_000, 3_200)).toEqual({ fromMs: 0, toMs: 3_200 });
  });

  it('is the whole of what was said in own words, as far as it was recorded', () => {
    const spoken = { fromMs: 188_500, toMs: 230_000 };
    expect(ofAnswer(answer({ key: null, spoken }), 221_000)).toEqual({ fromMs: 188_500, toMs: 221_000 });
  });

  it('is nothing where no key came', () => {
    expect(ofAnswer(answer({ key: null, atMs: null }), 221_000)).toBeNull();
  });

  it('comes back to the start of the loop at its end, and from outside of it', () => {
    const loop = { fromMs: 134_500, toMs: 139_500 };
    expect(looped(136_000, loop)).toBeNull();
    expect(looped(139_500, loop)).toBe(134_500);
    expect(looped(10_000, loop)).toBe(134_500);
    expect(looped(134_480, loop)).toBeNull();
  });
});

describe('what lights up with a row', () => {
  it('is the last hearing of its prompt before the key', () => {
    const prompts = [prompt('first', 60_000), prompt('second', 128_000), prompt('later', 150_000)];
    expect(promptOf(answer({}), prompts)?.id).toBe('second');
  });

  it('is the key that became the answer, not one before it', () => {
    const presses = [
      press(1, 64_000, { key: '9', sense: 'steering' }),
      press(2, 137_000),
      press(3, 152_000, { question: 'why' }),
    ];
    expect(pressOf(answer({}), presses)?.seq).toBe(2);
  });

  it('goes from key to key', () => {
    const presses = [press(2, 137_000), press(1, 64_000), press(3, 152_000)];
    expect(neighbour(presses, 137_000, 'next')?.seq).toBe(3);
    expect(neighbour(presses, 137_000, 'previous')?.seq).toBe(1);
    expect(neighbour(presses, 152_000, 'next')).toBeNull();
  });
});
