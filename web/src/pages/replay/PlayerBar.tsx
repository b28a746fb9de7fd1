// The bar over the wave: play, five seconds back and forth, the time, what is repeated, channel, speed, comment.

import { useEffect, useRef, useSyncExternalStore } from 'react';

import { Icon } from '../../components/Icon';
import { type Channel, SPEEDS } from './keyboard';
import css from './replay.module.css';
import { clock, minutes } from './scale';
import type { Transport } from './transport';
import type { Words } from './words';

const CHANNELS: readonly Channel[] = ['both', 'patient', 'hospital'];

/** The speeds that have a button; the keys go through all of them. */
const SHOWN = SPEEDS.filter((speed) => speed !== 1.25);

interface Props {
  readonly transport: Transport;
  readonly totalMs: number;
  /** What the loop is called: a question's number or the selection. */
  readonly loopName: string;
  readonly low: boolean;
  readonly mayComment: boolean;
  readonly disabled: boolean;
  readonly words: Words;
  readonly onRelease: () => void;
  readonly onComment: () => void;
  readonly onPanel: () => void;
}

/** All of it can be reached by keys as well. */
export function PlayerBar({
  transport,
  totalMs,
  loopName,
  low,
  mayComment,
  disabled,
  words,
  onRelease,
  onComment,
  onPanel,
}: Props) {
  const playing = useSyncExternalStore(transport.watch, transport.now);
  const time = useRef<HTMLElement>(null);
  useEffect(
    () =>
      transport.onTime((ms) => {
        if (time.current !== null) time.current.textContent = clock(ms);
      }),
    [transport],
  );
  const names = { both: words.both, patient: words.patient, hospital: words.hospital };
  return (
    <div className={css.bar} role="toolbar" aria-label={words.title}>
      <button
        type="button"
        className={css.play}
        disabled={disabled}
        aria-label={playing.on ? words.pause : words.play}
        title={playing.on ? words.pause : words.play}
        onClick={() => transport.toggle()}
      >
        <Icon name={playing.on ? 'pause' : 'play'} />
      </button>
      <button
        type="button"
        className={css.small}
        aria-label={words.back}
        title={words.back}
        onClick={() => transport.seek(transport.atMs() - 5_000)}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        className={css.small}
        aria-label={words.forward}
        title={words.forward}
        onClick={() => transport.seek(transport.atMs() + 5_000)}
      >
        <Icon name="forward" />
      </button>
      <span className={css.clock} role="timer" aria-label={words.clockName} aria-live="off">
        <b ref={time} data-testid="clock" />
        <span> / {clock(totalMs)}</span>
      </span>
      {playing.loop !== null && (
        <button
          type="button"
          className={`${css.loop} ${low ? css.loopLow : ''}`}
          title={words.release}
          onClick={onRelease}
        >
          <Icon name="loop" />
          <span>{words.looping(loopName, minutes(playing.loop.fromMs), minutes(playing.loop.toMs))}</span>
          <Icon name="cross" />
        </button>
      )}
      <span className={css.space} />
      {/* biome-ignore lint/a11y/useSemanticElements: buttons that press, not fields of a form */}
      <div className={css.seg} role="group" aria-label={words.channel}>
        {CHANNELS.map((channel) => (
          <button
            key={channel}
            type="button"
            aria-pressed={playing.channel === channel}
            className={channel === 'patient' ? css.warm : channel === 'hospital' ? css.cool : undefined}
            onClick={() => transport.setChannel(channel)}
          >
            {names[channel]}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons that press, not fields of a form */}
      <div className={css.seg} role="group" aria-label={words.speed}>
        {SHOWN.map((speed) => (
          <button
            key={speed}
            type="button"
            aria-pressed={playing.speed === speed}
            aria-label={`${speed}×`}
            onClick={() => transport.setSpeed(speed)}
          >
            {speed === 1 ? '1.0×' : speed === 2 ? '2.0' : String(speed)}
          </button>
        ))}
      </div>
      {mayComment && (
        <button type="button" className={css.small} onClick={onComment}>
          <Icon name="comment" />
          {words.comment}
          <kbd>C</kbd>
        </button>
      )}
      <button
        type="button"
        className={`${css.small} ${css.narrow}`}
        aria-label={words.showPanel}
        title={words.showPanel}
        onClick={onPanel}
      >
        <Icon name="panel" />
      </button>
    </div>
  );
}
