// Where blocks, keycaps and marks are drawn: labels that fit, keys that would cover one another gathered, marks in rows.

import type { Mark, Press, Prompt, Span } from './model';
import { toX } from './scale';

/** Half of a keycap. */
const KEY_PX = 10;

/** The narrowest block that can still be seen and clicked. */
const BLOCK_PX = 3;

/** How wide words are drawn at 11 px: a Chinese character takes its size, Latin about 0.58 of it. */
export function wordsPx(words: string): number {
  let px = 0;
  for (const letter of words) px += letter === ' ' ? 3 : (letter.codePointAt(0) ?? 0) > 0x2e7f ? 11 : 6.4;
  return px;
}

/** The longest label that fits; none when not even the shortest does. */
export function fitting(labels: readonly string[], px: number): string {
  return labels.find((label) => wordsPx(label) <= px) ?? '';
}

/** A prompt as it is drawn. */
export interface Block {
  readonly prompt: Prompt;
  readonly x: number;
  readonly width: number;
  readonly label: string;
  /** The middle of what is seen of it. */
  readonly middle: number;
}

/** The prompts of a view, left to right; what lies outside is left out. */
export function blocks(prompts: readonly Prompt[], view: Span, width: number): readonly Block[] {
  const seen = prompts.filter((prompt) => prompt.toMs > view.fromMs && prompt.fromMs < view.toMs);
  return seen.map((prompt) => {
    const x = toX(view, width, prompt.fromMs);
    const right = toX(view, width, prompt.toMs);
    // A hair of canvas between two prompts that follow each other at once.
    const drawn = Math.max(right - x - 1.5, BLOCK_PX);
    const left = Math.max(x, 0);
    const visible = Math.min(x + drawn, width) - left;
    return {
      prompt,
      x,
      width: drawn,
      label: fitting(prompt.labels, visible - 4),
      middle: left + visible / 2,
    };
  });
}

/** One keycap, or several presses that would lie on each other. */
export interface Cap {
  readonly x: number;
  readonly presses: readonly Press[];
  /** What stands on it: the key, or for several the one that matters most with their number. */
  readonly face: Press;
}

const WEIGHT = { steering: 0, answer: 1, low: 2 } as const;

/** The keycaps of a view: presses closer than a keycap are gathered; a low answer is never hidden by another key. */
export function caps(presses: readonly Press[], view: Span, width: number): readonly Cap[] {
  const sorted = [...presses].sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  const gathered: Press[][] = [];
  let lastX = Number.NEGATIVE_INFINITY;
  for (const press of sorted) {
    const x = toX(view, width, press.atMs);
    if (x < -KEY_PX || x > width + KEY_PX) continue;
    const last = gathered[gathered.length - 1];
    if (last !== undefined && x - lastX < KEY_PX * 2) {
      last.push(press);
    } else {
      gathered.push([press]);
      lastX = x;
    }
  }
  return gathered.flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const face = others.reduce(
      (best, press) => (WEIGHT[press.sense] >= WEIGHT[best.sense] ? press : best),
      first,
    );
    return [{ x: toX(view, width, face.atMs), presses: group, face }];
  });
}

/** A mark as it is drawn. */
export interface Flag {
  readonly mark: Mark;
  readonly x: number;
  readonly width: number;
  readonly label: string;
}

/** Left of the moment that a mark points at. */
const FLAG_LEAD = 7;

/** The marks of a view in one lane: one that would cover the one before it is moved right, or left out at the end. */
export function flags(marks: readonly Mark[], view: Span, width: number): readonly Flag[] {
  const seen = marks.filter((mark) => mark.toMs >= view.fromMs && mark.fromMs <= view.toMs);
  const sorted = [...seen].sort((a, b) => a.fromMs - b.fromMs);
  const placed: Flag[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const mark of sorted) {
    const x = toX(view, width, mark.fromMs);
    const own = wordsPx(mark.words) + 14;
    const left = Math.max(Math.min(Math.max(x - FLAG_LEAD, 0), width - own), free);
    if (left + own > width + 1) continue;
    placed.push({ mark, x: left, width: own, label: mark.words });
    free = left + own + 4;
  }
  return placed;
}
