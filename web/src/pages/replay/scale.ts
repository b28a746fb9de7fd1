// The time model: which stretch of the recording is on the screen, and what lies at which pixel.

import type { Span } from './model';

/** The nearest that one may look: two seconds across the screen. */
export const CLOSEST_MS = 2_000;

/** All that can be looked at: the recording, and before its first sample the ringing, at negative times. */
export function whole(totalMs: number, leadMs: number): Span {
  return { fromMs: 0 - leadMs, toMs: Math.max(totalMs, 1) };
}

/** How long a stretch is. */
export function length(span: Span): number {
  return span.toMs - span.fromMs;
}

/** Pixels from the left edge. */
export function toX(view: Span, width: number, ms: number): number {
  return ((ms - view.fromMs) / length(view)) * width;
}

/** The moment under a pixel, inside the view. */
export function toMs(view: Span, width: number, x: number): number {
  const share = width > 0 ? Math.min(Math.max(x / width, 0), 1) : 0;
  return view.fromMs + share * length(view);
}

/** Moves a view into the whole without changing its length, unless it is longer than the whole. */
export function inside(view: Span, all: Span): Span {
  const long = Math.min(Math.max(length(view), Math.min(CLOSEST_MS, length(all))), length(all));
  const fromMs = Math.min(Math.max(view.fromMs, all.fromMs), all.toMs - long);
  return { fromMs, toMs: fromMs + long };
}

/** Looks closer (factor under 1) or from further away; the moment at the pointer stays at the pointer. */
export function zoomed(view: Span, factor: number, anchorMs: number, all: Span): Span {
  const wanted = length(view) * factor;
  const long = Math.min(Math.max(wanted, Math.min(CLOSEST_MS, length(all))), length(all));
  const share = (anchorMs - view.fromMs) / length(view);
  const fromMs = anchorMs - share * long;
  return inside({ fromMs, toMs: fromMs + long }, all);
}

/** Moves the view along the recording. */
export function moved(view: Span, byMs: number, all: Span): Span {
  return inside({ fromMs: view.fromMs + byMs, toMs: view.toMs + byMs }, all);
}

/** The view, moved as little as needed for a stretch to be seen; a stretch too long is seen from its start. */
export function showing(view: Span, span: Span, all: Span): Span {
  if (span.fromMs >= view.fromMs && span.toMs <= view.toMs) return view;
  const long = length(view);
  const margin = Math.max((long - length(span)) / 2, 0);
  const fromMs = span.fromMs - margin;
  return inside({ fromMs, toMs: fromMs + long }, all);
}

/** The view that follows the playhead: turned like a page when the playhead leaves it. */
export function following(view: Span, atMs: number, all: Span): Span {
  if (atMs >= view.fromMs && atMs <= view.toMs) return view;
  return inside({ fromMs: atMs, toMs: atMs + length(view) }, all);
}

const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Room that the label of a tick needs. */
const TICK_PX = 60;

/** The ticks of the axis inside a view. */
export function ticks(view: Span, width: number): readonly number[] {
  if (width <= 0) return [];
  const least = (length(view) / width) * TICK_PX;
  const step = STEPS_MS.find((candidate) => candidate >= least) ?? 7_200_000;
  const found: number[] = [];
  for (let ms = Math.ceil(view.fromMs / step) * step; ms <= view.toMs; ms += step) found.push(ms);
  return found;
}

/** 137900 as "2:17.9". */
export function clock(ms: number): string {
  const tenths = Math.floor(Math.max(ms, 0) / 100);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${String(Math.floor((tenths % 600) / 10)).padStart(2, '0')}.${tenths % 10}`;
}

/** 137900 as "2:17". */
export function minutes(ms: number): string {
  const seconds = Math.floor(Math.max(ms, 0) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The label of a tick: whole seconds, or tenths where ticks are closer than a second. */
export function tickLabel(ms: number, view: Span, width: number): string {
  const [first, second] = ticks(view, width);
  const step = first !== undefined && second !== undefined ? second - first : 1_000;
  return step < 1_000 ? clock(ms) : minutes(ms);
}

/** Seconds with one decimal and a true minus sign, as in the table of answers. */
export function seconds(ms: number): string {
  // −0.0 is a key into the last moment of a prompt: the sign says barge-in.
  return `${ms < 0 ? '−' : ''}${(Math.abs(ms) / 1_000).toFixed(1)}`;
}
