// Wave and lanes on one time scale: click seeks, drag selects, Ctrl and the wheel look closer at the pointer.

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { Lanes, type Pictured, Playhead, ROWS } from './Lanes';
import { Minimap } from './Minimap';
import type { Span } from './model';
import css from './replay.module.css';
import { following, length, moved, showing, toMs, whole, zoomed } from './scale';
import type { Transport } from './transport';
import { type Peaks, Wave } from './Wave';

/** Recordings longer than this get a minimap. */
const MINIMAP_MS = 300_000;

/** A drag shorter than this is a click. */
const DRAG_PX = 4;

interface Props extends Pictured {
  readonly peaks: Peaks | null;
  readonly transport: Transport;
  readonly theme: string;
  readonly onSelect: (span: Span) => void;
  readonly onSeek: (ms: number) => void;
}

function useWidth(): [(node: HTMLDivElement | null) => void, number] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((node: HTMLDivElement | null) => {
    observer.current?.disconnect();
    observer.current = null;
    if (node === null) return;
    setWidth(Math.floor(node.getBoundingClientRect().width));
    observer.current = new ResizeObserver(() => setWidth(Math.floor(node.getBoundingClientRect().width)));
    observer.current.observe(node);
  }, []);
  return [ref, width];
}

/** The picture of the call in time. */
export function Stage({
  timeline,
  peaks,
  transport,
  lit,
  theme,
  words,
  onSelect,
  onSeek,
  onPrompt,
  onPress,
  onMark,
}: Props) {
  const { totalMs, leadMs } = timeline;
  const all = useMemo(() => whole(totalMs, leadMs), [totalMs, leadMs]);
  const [measure, width] = useWidth();
  const [view, setView] = useState<Span>(all);
  const [drag, setDrag] = useState<{ readonly fromX: number; readonly toX: number } | null>(null);
  const svg = useRef<SVGSVGElement>(null);

  useEffect(() => setView(all), [all]);

  // What is selected is brought into view, and the view turns with the playhead.
  const { span } = lit;
  useEffect(() => {
    if (span !== null) setView((current) => showing(current, span, all));
  }, [span, all]);
  useEffect(
    () =>
      transport.onTime((ms) => {
        if (transport.now().on) setView((current) => following(current, ms, all));
      }),
    [transport, all],
  );

  // React's wheel listeners are passive; the page must not zoom with the wave.
  useEffect(() => {
    const node = svg.current;
    if (node === null || width === 0) return;
    const wheel = (event: WheelEvent): void => {
      const x = event.clientX - node.getBoundingClientRect().left;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        setView((current) => zoomed(current, Math.exp(event.deltaY * 0.002), toMs(current, width, x), all));
      } else {
        const by = event.shiftKey ? event.deltaY : event.deltaX;
        if (by === 0) return;
        event.preventDefault();
        setView((current) => moved(current, (by / width) * length(current), all));
      }
    };
    node.addEventListener('wheel', wheel, { passive: false });
    return () => node.removeEventListener('wheel', wheel);
  }, [width, all]);

  const lanes = useMemo(
    () => (
      <Lanes
        timeline={timeline}
        view={view}
        width={width}
        lit={lit}
        words={words}
        onPrompt={onPrompt}
        onPress={onPress}
        onMark={onMark}
      />
    ),
    [timeline, view, width, lit, words, onPrompt, onPress, onMark],
  );

  const xOf = (event: React.PointerEvent): number =>
    event.clientX - (svg.current?.getBoundingClientRect().left ?? 0);
  const yOf = (event: React.PointerEvent): number =>
    event.clientY - (svg.current?.getBoundingClientRect().top ?? 0);

  const release = (event: React.PointerEvent): void => {
    if (drag === null) return;
    setDrag(null);
    const x = xOf(event);
    if (Math.abs(x - drag.fromX) < DRAG_PX) {
      onSeek(toMs(view, width, x));
      return;
    }
    const [a, b] = [toMs(view, width, drag.fromX), toMs(view, width, x)];
    onSelect({ fromMs: Math.min(a, b), toMs: Math.max(a, b) });
  };

  return (
    <>
      <div className={css.track}>
        <div className={css.gutter} aria-hidden="true">
          <span style={{ top: 38 }}>
            <b className={css.warm}>{words.patient}</b>
            <em>{words.leftChannel}</em>
          </span>
          <span style={{ top: 105 }}>
            <b className={css.cool}>{words.hospital}</b>
            <em>{words.rightChannel}</em>
          </span>
          <span style={{ top: 158 }}>{words.prompts}</span>
          <span style={{ top: 186 }}>{words.keys}</span>
          <span style={{ top: 215 }}>{words.marks}</span>
        </div>
        <div ref={measure} className={css.stage}>
          {peaks !== null && width > 0 && (
            <div className={css.wave}>
              <Wave
                peaks={peaks}
                totalMs={totalMs}
                leadMs={leadMs}
                view={view}
                width={width}
                height={ROWS.waveEnd - ROWS.axis}
                transport={transport}
                theme={theme}
              />
            </div>
          )}
          {/* biome-ignore lint/a11y/useSemanticElements: a drawing, not fields of a form */}
          <svg
            ref={svg}
            width={width}
            height={ROWS.end}
            role="group"
            aria-label={words.picture}
            onPointerDown={(event) => {
              if (event.button !== 0 || yOf(event) > ROWS.waveEnd) return;
              svg.current?.setPointerCapture(event.pointerId);
              setDrag({ fromX: xOf(event), toX: xOf(event) });
            }}
            onPointerMove={(event) => drag !== null && setDrag({ ...drag, toX: xOf(event) })}
            onPointerUp={release}
            onPointerCancel={() => setDrag(null)}
            data-view={`${Math.round(view.fromMs)}-${Math.round(view.toMs)}`}
          >
            <rect x={0} y={0} width={width} height={ROWS.waveEnd} fill="transparent" cursor="text" />
            {(['patient', 'hospital'] as const).map((side) => (
              <path key={side} d={`M0 ${ROWS[side]}H${width}`} stroke={`var(--${side}-mute)`} opacity={0.5} />
            ))}
            {width > 0 && lanes}
            {drag !== null && Math.abs(drag.toX - drag.fromX) >= DRAG_PX && (
              <rect
                x={Math.min(drag.fromX, drag.toX)}
                y={20}
                width={Math.abs(drag.toX - drag.fromX)}
                height={130}
                fill="var(--primary)"
                opacity={0.16}
              />
            )}
            {width > 0 && <Playhead transport={transport} view={view} width={width} />}
          </svg>
        </div>
      </div>
      {totalMs > MINIMAP_MS && width > 0 && (
        <div className={css.mini}>
          <Minimap
            all={all}
            timeline={timeline}
            peaks={peaks}
            view={view}
            width={width}
            transport={transport}
            words={words}
            onView={setView}
          />
        </div>
      )}
    </>
  );
}
