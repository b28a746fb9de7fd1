// What is drawn where, near and far.
import { describe, expect, it } from 'vitest';
import { blocks, caps, fitting, flags, wordsPx } from './layout';
import type { Mark, Press, Prompt } from './model';

const ALL = { fromMs: 0, toMs: 221_000 };
const press = (seq: number, atMs: number, sense: Press['sense'] = 'answer'): Press => ({
  seq,
  key: String(seq),
  atMs,
  question: `q${seq}`,
  sense,
});
const prompt = (fromMs: number, toMs: number): Prompt => ({
  id: String(fromMs),
  question: 'q',
  labels: ['5 护士态度', '5 护士', '5'],
  text: '',
  manner: 'whole',
  fromMs,
  toMs,
});
const mark = (id: string, fromMs: number, toMs = fromMs): Mark => ({
  id,
  kind: 'silence',
  words: '静默 8.5 秒',
  fromMs,
  toMs,
});

describe('labels', () => {
  it('take the longest that fits, or none', () => {
    const { labels } = prompt(0, 1);
    expect(fitting(labels, 200)).toBe('5 护士态度');
    expect(fitting(labels, wordsPx('5 护士'))).toBe('5 护士');
    expect(fitting(labels, 8)).toBe('5');
    expect(fitting(labels, 3)).toBe('');
  });

  it('grow with the zoom', () => {
    const far = blocks([prompt(120_000, 128_000)], ALL, 826)[0];
    const near = blocks([prompt(120_000, 128_000)], { fromMs: 110_000, toMs: 140_000 }, 826)[0];
    expect(far?.label).toBe('5');
    expect(near?.label).toBe('5 护士态度');
  });

  it('stand in the part of a block that is seen', () => {
    const [block] = blocks([prompt(100_000, 128_000)], { fromMs: 127_000, toMs: 137_000 }, 826);
    expect(block?.x).toBeLessThan(0);
    expect(wordsPx(block?.label ?? '')).toBeLessThan(83);
  });
});

describe('keycaps', () => {
  it('are gathered where they would lie on each other and parted by looking closer', () => {
    const presses = [press(1, 100_000), press(2, 101_000), press(3, 102_000), press(4, 150_000)];
    expect(caps(presses, ALL, 826).map((cap) => cap.presses.length)).toEqual([3, 1]);
    expect(caps(presses, { fromMs: 98_000, toMs: 104_000 }, 826).map((cap) => cap.presses.length)).toEqual([
      1, 1, 1,
    ]);
  });

  it('never hide a low answer behind another key', () => {
    const presses = [
      press(1, 100_000),
      press(2, 101_000, 'low'),
      press(3, 102_000),
      press(4, 102_500, 'steering'),
    ];
    const [cap] = caps(presses, ALL, 826);
    expect(cap?.face.seq).toBe(2);
    expect(cap?.presses).toHaveLength(4);
  });

  it('stand at their own moment', () => {
    const [cap] = caps([press(1, 110_500)], ALL, 826);
    expect(cap?.x).toBeCloseTo(413, 6);
  });

  it('that lie outside of the view are left out', () => {
    expect(caps([press(1, 10_000), press(2, 200_000)], { fromMs: 50_000, toMs: 60_000 }, 826)).toEqual([]);
  });
});

describe('marks', () => {
  it('never cover one another and never leave the picture', () => {
    const placed = flags(
      [mark('a', 80_000), mark('b', 81_000), mark('c', 82_000), mark('d', 220_500)],
      ALL,
      826,
    );
    for (const [at, flag] of placed.entries()) {
      expect(flag.x).toBeGreaterThanOrEqual(0);
      expect(flag.x + flag.width).toBeLessThanOrEqual(827);
      const before = placed[at - 1];
      if (before !== undefined) expect(flag.x).toBeGreaterThanOrEqual(before.x + before.width);
    }
    expect(placed).toHaveLength(4);
  });
});
