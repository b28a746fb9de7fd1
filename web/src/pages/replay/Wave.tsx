// The waveform: both channels from the peaks that the daemon keeps, the patient left and warm, the hospital right and cool.

import { useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';

import type { Span } from './model';
import { length } from './scale';
import type { Transport } from './transport';

/** Peaks of both sides, each between 0 and 1, evenly spread over the recording. */
export interface Peaks {
  readonly patient: readonly number[];
  readonly hospital: readonly number[];
}

/** Under this a side is silent, and silence is not blown up to look like speech. */
const QUIET = 0.12;

/** Telephone speech is soft: each side fills its lane by its own loudest moment. */
export function levelled(peaks: readonly number[]): number[] {
  const loudest = Math.max(
    peaks.reduce((most, peak) => Math.max(most, peak), 0),
    QUIET,
  );
  return peaks.map((peak) => Math.min((peak / loudest) * 0.86, 1));
}

/** Silence before the first sample, as long as the ringing that is drawn. */
export function after(leadMs: number, totalMs: number, peaks: readonly number[]): number[] {
  const silent = Math.round((peaks.length * leadMs) / Math.max(totalMs, 1));
  return [...new Array<number>(silent).fill(0), ...peaks];
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

interface Props {
  readonly peaks: Peaks;
  readonly totalMs: number;
  readonly leadMs: number;
  readonly view: Span;
  readonly width: number;
  readonly height: number;
  readonly transport: Transport;
  /** Changes when the theme does: the colours are read anew. */
  readonly theme: string;
}

/** Draws under the lanes; it has no controls of its own. */
export function Wave({ peaks, totalMs, leadMs, view, width, height, transport, theme }: Props) {
  const home = useRef<HTMLDivElement>(null);
  const surfer = useRef<WaveSurfer | null>(null);
  const shown = useRef({ view, width });
  shown.current = { view, width };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const container = home.current;
    if (container === null) return;
    const made = WaveSurfer.create({
      container,
      // An element without an address: what is heard comes from the transport alone.
      media: document.createElement('audio'),
      peaks: [
        after(leadMs, totalMs, levelled(peaks.patient)),
        after(leadMs, totalMs, levelled(peaks.hospital)),
      ],
      duration: (totalMs + leadMs) / 1_000,
      height: height / 2,
      splitChannels: [
        { waveColor: colour('--patient-mute'), progressColor: colour('--patient') },
        { waveColor: colour('--hospital-mute'), progressColor: colour('--hospital') },
      ],
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      barMinHeight: 2,
      cursorWidth: 0,
      interact: false,
      autoScroll: false,
      autoCenter: false,
      hideScrollbar: true,
      minPxPerSec: (shown.current.width / length(shown.current.view)) * 1_000,
    });
    surfer.current = made;
    let quit = (): void => undefined;
    made.once('ready', () => {
      made.setScroll(
        ((shown.current.view.fromMs + leadMs) / length(shown.current.view)) * shown.current.width,
      );
      quit = transport.onTime((ms) => made.setTime((ms + leadMs) / 1_000));
    });
    return () => {
      quit();
      surfer.current = null;
      made.destroy();
    };
  }, [peaks, totalMs, leadMs, height, transport, theme]);

  useEffect(() => {
    const made = surfer.current;
    if (made === null || made.getDecodedData() === null) return;
    const frame = requestAnimationFrame(() => {
      made.zoom((width / length(view)) * 1_000);
      made.setScroll(((view.fromMs + leadMs) / length(view)) * width);
    });
    return () => cancelAnimationFrame(frame);
  }, [view, width, leadMs]);

  return <div ref={home} aria-hidden="true" style={{ width, height }} />;
}
