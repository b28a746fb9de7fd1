// Which stretch is played for a selection: the five seconds around a key, the whole of a spoken answer.

import type { Answer, Press, Prompt, Span } from './model';

/** Before the key, and after it. */
const AROUND_MS = 2_500;

/** The stretch around a moment, moved inside the recording so that it keeps its length where it can. */
export function around(atMs: number, totalMs: number): Span {
  const long = Math.min(2 * AROUND_MS, totalMs);
  const fromMs = Math.min(Math.max(atMs - AROUND_MS, 0), Math.max(totalMs - long, 0));
  return { fromMs, toMs: fromMs + long };
}

/** What is heard for an answer; null when there is nothing to hear. */
export function ofAnswer(answer: Answer, totalMs: number): Span | null {
  if (answer.spoken !== null) {
    const toMs = Math.min(answer.spoken.toMs, totalMs);
    return toMs > answer.spoken.fromMs ? { fromMs: answer.spoken.fromMs, toMs } : null;
  }
  return answer.atMs === null ? null : around(answer.atMs, totalMs);
}

/** The prompts that a selected question lights up: of its hearings, the last that began before the answer. */
export function promptOf(answer: Answer, prompts: readonly Prompt[]): Prompt | null {
  const hearings = prompts.filter(
    (prompt) => prompt.question === answer.question && prompt.manner !== 'early',
  );
  const before = hearings.filter((prompt) => answer.atMs === null || prompt.fromMs <= answer.atMs);
  return before[before.length - 1] ?? hearings[0] ?? null;
}

/** The key that became an answer. */
export function pressOf(answer: Answer, presses: readonly Press[]): Press | null {
  const own = presses.filter((press) => press.question === answer.question && press.sense !== 'steering');
  const exact = own.find((press) => answer.atMs !== null && Math.abs(press.atMs - answer.atMs) < 20);
  return exact ?? own[own.length - 1] ?? null;
}

/** The next key after a moment, or the one before it; a key at the moment itself is neither. */
export function neighbour(presses: readonly Press[], atMs: number, way: 'next' | 'previous'): Press | null {
  const sorted = [...presses].sort((a, b) => a.atMs - b.atMs);
  if (way === 'next') return sorted.find((press) => press.atMs > atMs + 1) ?? null;
  return sorted.reverse().find((press) => press.atMs < atMs - 1) ?? null;
}

/** Where a loop goes on: back to its start once its end is reached, and into it from outside. */
export function looped(atMs: number, loop: Span): number | null {
  return atMs >= loop.toMs || atMs < loop.fromMs - 50 ? loop.fromMs : null;
}
