// The lanes: axis, prompts, keycaps with hairs to the wave, marks, on the time scale of the waveform above them.

import { memo, useEffect, useRef } from 'react';

import { type Block, blocks, type Cap, caps, flags } from './layout';
import type { Mark, Press, Prompt, Span, Timeline } from './model';
import css from './replay.module.css';
import { clock, tickLabel, ticks, toX } from './scale';
import type { Transport } from './transport';
import type { Words } from './words';

/** Where things stand from top to bottom, in pixels. */
export const ROWS = {
  axis: 20,
  waveEnd: 150,
  patient: 52.5,
  hospital: 117.5,
  prompts: 156,
  keys: 184,
  marks: 215,
  end: 237,
} as const;

/** What is lit: one question's row, prompt, key and window together. */
export interface Lit {
  readonly span: Span | null;
  readonly prompt: Prompt | null;
  readonly press: Press | null;
  readonly low: boolean;
}

/** The call and what of it is lit, in words; what is clicked is said to whoever asks. */
export interface Pictured {
  readonly timeline: Timeline;
  readonly lit: Lit;
  readonly words: Words;
  readonly onPrompt: (prompt: Prompt) => void;
  readonly onPress: (press: Press) => void;
  readonly onMark: (mark: Mark) => void;
}

interface Props extends Pictured {
  readonly view: Span;
  readonly width: number;
}

const PLAYED = ['var(--hospital-soft)', 'var(--hospital-mute)'] as const;

/** Fill and edge by how a prompt was played. */
const PROMPT_TONES: Readonly<Record<Prompt['manner'], readonly [fill: string, edge: string]>> = {
  whole: PLAYED,
  cut: PLAYED,
  early: ['url(#hatch)', 'var(--line-2)'],
  repeated: ['var(--surface)', 'var(--hospital)'],
};

function torn(x: number, width: number): string {
  const right = x + width;
  return `M${x + 3} 156H${right}l-3 3.7 3 3.7-3 3.7 3 3.7-3 3.7 3 3.5H${x + 3}a3 3 0 0 1-3-3v-16a3 3 0 0 1 3-3z`;
}

function PromptBlock({
  block,
  lit,
  words,
  onPrompt,
}: {
  block: Block;
  lit: boolean;
  words: Words;
  onPrompt: Props['onPrompt'];
}) {
  const { prompt, x, width, label, middle } = block;
  const [soft, edge] = PROMPT_TONES[prompt.manner];
  const shape = {
    fill: lit ? 'var(--hospital)' : soft,
    stroke: lit ? 'var(--hospital)' : edge,
    strokeDasharray: prompt.manner === 'repeated' ? '3 2' : undefined,
  };
  const ink = lit ? 'var(--on-primary)' : prompt.manner === 'early' ? 'var(--ink-2)' : 'var(--hospital)';
  const name = `${words.manner[prompt.manner]} ${prompt.labels[0] ?? ''} ${clock(prompt.fromMs)}–${clock(prompt.toMs)}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table of answers is its twin for keys
    <g
      className={css.hit}
      onClick={() => onPrompt(prompt)}
      data-prompt={prompt.id}
      data-lit={lit ? '' : undefined}
    >
      <title>{name}</title>
      {prompt.manner === 'cut' ? (
        <path d={torn(x, width)} {...shape} />
      ) : (
        <rect x={x} y={ROWS.prompts} width={width} height={22} rx={3} {...shape} />
      )}
      {label !== '' && (
        <text x={middle} y={171} textAnchor="middle" className={css.words} fill={ink}>
          {label}
        </text>
      )}
    </g>
  );
}

function Keycap({
  cap,
  lit,
  words,
  onPress,
}: {
  cap: Cap;
  lit: boolean;
  words: Words;
  onPress: Props['onPress'];
}) {
  const { x, face, presses } = cap;
  const low = face.sense === 'low';
  const tone = low ? 'var(--bad)' : face.sense === 'steering' ? 'var(--line-2)' : 'var(--patient)';
  const filled = low || lit;
  const ink = filled ? 'var(--surface)' : face.sense === 'steering' ? 'var(--ink-3)' : 'var(--patient)';
  const name = words.pressed(presses.map((press) => press.key).join(' '), clock(face.atMs), low);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table of answers is its twin for keys
    <g
      className={css.hit}
      data-key={face.key}
      data-at-ms={face.atMs}
      data-lit={lit ? '' : undefined}
      onClick={() => onPress(face)}
    >
      <title>{name}</title>
      <line x1={x} x2={x} y1={77} y2={ROWS.keys} stroke={tone} opacity={0.75} />
      <rect
        x={x - 10}
        y={ROWS.keys}
        width={20}
        height={22}
        rx={5}
        fill={filled ? tone : 'var(--surface)'}
        stroke={tone}
        strokeWidth={1.2}
      />
      <path d={`M${x - 6} 204.2h12`} stroke={tone} strokeWidth={1.6} />
      <text x={x} y={199} textAnchor="middle" fontSize={12.5} fontWeight={600} fill={ink}>
        {face.key}
      </text>
      {presses.length > 1 && (
        <text x={x + 12} y={190} className={css.axis}>
          {presses.length}
        </text>
      )}
    </g>
  );
}

const MARK_TONES: Readonly<Record<Mark['kind'], readonly [string, string]>> = {
  barge_in: ['var(--hospital-soft)', 'var(--hospital)'],
  silence: ['var(--warn-soft)', 'var(--warn)'],
  comment: ['var(--bad-soft)', 'var(--bad)'],
  spoken: ['var(--patient-soft)', 'var(--patient)'],
  flag: ['var(--bad-soft)', 'var(--bad)'],
  gap: ['var(--warn-soft)', 'var(--warn)'],
  hold: ['var(--sunken)', 'var(--ink-2)'],
  privacy: ['var(--sunken)', 'var(--ink-2)'],
};

/** The lanes without the playhead, which moves by itself. */
export const Lanes = memo(function Lanes({
  timeline,
  view,
  width,
  lit,
  words,
  onPrompt,
  onPress,
  onMark,
}: Props) {
  const x = (ms: number): number => toX(view, width, ms);
  const answered = x(0);
  const tone = lit.low ? 'var(--bad)' : 'var(--primary)';
  const silences = timeline.marks.filter((mark) => mark.kind === 'silence' && mark.toMs > mark.fromMs);
  return (
    <g>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="6" fill="var(--line-2)" opacity={0.55} />
        </pattern>
      </defs>
      {answered > 0 && (
        <rect
          x={0}
          y={ROWS.axis}
          width={Math.min(answered, width)}
          height={130}
          fill="url(#hatch)"
          opacity={0.55}
        />
      )}
      {timeline.holes.map((hole) => (
        <g key={`${hole.kind}${hole.fromMs}`}>
          <title>{words.hole[hole.kind]}</title>
          <rect
            x={x(hole.fromMs)}
            y={ROWS.axis}
            width={Math.max(x(hole.toMs) - x(hole.fromMs), 1)}
            height={130}
            fill="url(#hatch)"
          />
        </g>
      ))}
      {ticks(view, width)
        .filter((ms) => ms >= 0)
        .map((ms) => (
          <g key={ms}>
            <line x1={x(ms)} y1={15} x2={x(ms)} y2={20} stroke="var(--line-2)" />
            {x(ms) + 30 < width && (
              <text x={x(ms) + 3} y={13} className={css.axis}>
                {tickLabel(ms, view, width)}
              </text>
            )}
          </g>
        ))}
      <line x1={0} x2={width} y1={20} y2={20} stroke="var(--line)" />
      {lit.span !== null && (
        <g data-window={`${Math.round(lit.span.fromMs)}-${Math.round(lit.span.toMs)}`} pointerEvents="none">
          <rect
            x={x(lit.span.fromMs)}
            y={20}
            width={Math.max(x(lit.span.toMs) - x(lit.span.fromMs), 1)}
            height={215}
            fill={tone}
            opacity={0.11}
          />
          <path d={`M${x(lit.span.fromMs)} 20v215M${x(lit.span.toMs)} 20v215`} stroke={tone} opacity={0.55} />
        </g>
      )}
      {answered > 0 && answered < width && (
        <g pointerEvents="none">
          <line x1={answered} x2={answered} y1={20} y2={180} stroke="var(--ink-2)" strokeDasharray="2 2" />
          <g transform={`translate(${Math.min(answered + 3, width - words.answeredPx)},23)`}>
            <rect width={words.answeredPx} height={16} rx={3} fill="var(--ink)" />
            <text
              x={words.answeredPx / 2}
              y={12}
              textAnchor="middle"
              className={css.words}
              fill="var(--surface)"
            >
              {words.answered}
            </text>
          </g>
        </g>
      )}
      {blocks(timeline.prompts, view, width).map((block) => (
        <PromptBlock
          key={block.prompt.id}
          block={block}
          lit={lit.prompt?.id === block.prompt.id}
          words={words}
          onPrompt={onPrompt}
        />
      ))}
      {silences.map((mark) => (
        <path
          key={mark.id}
          d={`M${x(mark.fromMs)} 167H${x(mark.toMs)}M${x(mark.fromMs)} 163v8M${x(mark.toMs)} 163v8`}
          stroke="var(--warn)"
          strokeWidth={1.5}
          fill="none"
        />
      ))}
      {caps(timeline.presses, view, width).map((cap) => (
        <Keycap
          key={cap.face.seq}
          cap={cap}
          lit={cap.presses.some((press) => press.seq === lit.press?.seq)}
          words={words}
          onPress={onPress}
        />
      ))}
      {flags(timeline.marks, view, width).map(({ mark, x: left, width: wide, label }) => {
        const [soft, ink] = MARK_TONES[mark.kind];
        const point = Math.min(Math.max(x(mark.fromMs), left), left + wide);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: comments and answers are its twins for keys
          <g key={mark.id} className={css.hit} onClick={() => onMark(mark)}>
            <title>{`${label} ${clock(mark.fromMs)}`}</title>
            <path d={`M${point} ${ROWS.marks - 3}v3`} stroke={ink} />
            <rect x={left} y={ROWS.marks} width={wide} height={18} rx={4} fill={soft} />
            <text x={left + 7} y={ROWS.marks + 13} className={css.words} fill={ink}>
              {label}
            </text>
          </g>
        );
      })}
    </g>
  );
});

/** The playhead: moved by the transport itself, frame by frame. */
export function Playhead({ transport, view, width }: { transport: Transport; view: Span; width: number }) {
  const group = useRef<SVGGElement>(null);
  const text = useRef<SVGTextElement>(null);
  const chip = useRef<SVGGElement>(null);
  useEffect(
    () =>
      transport.onTime((ms) => {
        const x = toX(view, width, ms);
        group.current?.setAttribute('transform', `translate(${x},0)`);
        group.current?.setAttribute('visibility', x < -1 || x > width + 1 ? 'hidden' : 'visible');
        chip.current?.setAttribute(
          'transform',
          `translate(${Math.min(Math.max(-24, -x), width - x - 48)},0)`,
        );
        if (text.current !== null) text.current.textContent = clock(ms);
      }),
    [transport, view, width],
  );
  return (
    <g ref={group} pointerEvents="none">
      <line x1={0} x2={0} y1={6} y2={208} stroke="var(--ink)" strokeWidth={1.5} />
      <g ref={chip} transform="translate(-24,0)">
        <rect width={48} height={17} rx={4} fill="var(--ink)" />
        <text
          ref={text}
          x={24}
          y={12.5}
          textAnchor="middle"
          fontSize={11}
          fontWeight={600}
          fill="var(--surface)"
        />
      </g>
    </g>
  );
}
