// The whole recording in 28 pixels, with the view as a frame that can be drawn along it.

import { useEffect, useMemo, useRef } from 'react';

import type { Span, Timeline } from './model';
import { inside, length, moved, toMs, toX } from './scale';
import type { Transport } from './transport';
import type { Peaks } from './Wave';
import type { Words } from './words';

const HEIGHT = 28;

/** The loudest peak of every two pixels. */
export function columns(peaks: readonly number[], count: number): readonly number[] {
  const found: number[] = [];
  for (let column = 0; column < count; column += 1) {
    const from = Math.floor((column / count) * peaks.length);
    const to = Math.max(Math.floor(((column + 1) / count) * peaks.length), from + 1);
    let most = 0;
    for (let i = from; i < to; i += 1) most = Math.max(most, peaks[i] ?? 0);
    found.push(most);
  }
  return found;
}

function path(peaks: readonly number[], from: number, width: number, middle: number): string {
  const heights = columns(peaks, Math.floor((width - from) / 2));
  const most = Math.max(0.12, ...heights);
  return heights
    .map(
      (peak, i) => `M${from + i * 2 + 1} ${middle - (peak / most) * 6}v${Math.max((peak / most) * 12, 0.5)}`,
    )
    .join('');
}

interface Props {
  readonly all: Span;
  readonly timeline: Timeline;
  readonly peaks: Peaks | null;
  readonly view: Span;
  readonly width: number;
  readonly transport: Transport;
  readonly words: Words;
  readonly onView: (view: Span) => void;
}

/** Click or draw to move the view. */
export function Minimap({ all, timeline, peaks, view, width, transport, words, onView }: Props) {
  const head = useRef<SVGLineElement>(null);
  const held = useRef<number | null>(null);
  const start = toX(all, width, 0);
  const patient = useMemo(
    () => (peaks === null ? '' : path(peaks.patient, start, width, 7)),
    [peaks, start, width],
  );
  const hospital = useMemo(
    () => (peaks === null ? '' : path(peaks.hospital, start, width, 21)),
    [peaks, start, width],
  );
  useEffect(
    () =>
      transport.onTime((ms) => {
        const x = String(toX(all, width, ms));
        head.current?.setAttribute('x1', x);
        head.current?.setAttribute('x2', x);
      }),
    [transport, all, width],
  );
  const at = (event: React.PointerEvent<SVGSVGElement>): number =>
    toMs(all, width, event.clientX - event.currentTarget.getBoundingClientRect().left);
  const from = toX(all, width, view.fromMs);
  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={words.minimap}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const ms = at(event);
        const within = ms >= view.fromMs && ms <= view.toMs;
        const half = length(view) / 2;
        if (!within) onView(inside({ fromMs: ms - half, toMs: ms + half }, all));
        held.current = ms;
      }}
      onPointerMove={(event) => {
        if (held.current === null) return;
        const ms = at(event);
        onView(moved(view, ms - held.current, all));
        held.current = ms;
      }}
      onPointerUp={() => {
        held.current = null;
      }}
      onPointerCancel={() => {
        held.current = null;
      }}
    >
      <rect width={width} height={HEIGHT} rx={4} fill="var(--sunken)" />
      <path d={patient} stroke="var(--patient)" strokeWidth={1} />
      <path d={hospital} stroke="var(--hospital)" strokeWidth={1} />
      {timeline.presses
        .filter((press) => press.sense === 'low')
        .map((press) => (
          <rect
            key={press.seq}
            x={toX(all, width, press.atMs) - 1}
            y={0}
            width={2}
            height={HEIGHT}
            fill="var(--bad)"
          />
        ))}
      <rect
        x={from}
        y={0.5}
        width={Math.max((length(view) / length(all)) * width - 1, 4)}
        height={HEIGHT - 1}
        rx={4}
        fill="var(--primary)"
        fillOpacity={0.12}
        stroke="var(--primary)"
      />
      <line ref={head} y1={0} y2={HEIGHT} stroke="var(--ink)" strokeWidth={1.5} />
    </svg>
  );
}
