// The bar over the wave: play, five seconds back and forth, the time, what is repeated, channel, speed, comment.

import { useEffect, useRef, useSyncExternalStore } from 'react';

import { Icon } from '../../components/Icon';
import { IconButton } from '../../components/IconButton';
import { Segments } from '../../components/Segments';
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
      <IconButton
        className={css.play}
        icon={playing.on ? 'pause' : 'play'}
        label={playing.on ? words.pause : words.play}
        isOff={disabled}
        press={() => transport.toggle()}
      />
      <IconButton
        className={css.small}
        icon="back"
        label={words.back}
        press={() => transport.seek(transport.atMs() - 5_000)}
      />
      <IconButton
        className={css.small}
        icon="forward"
        label={words.forward}
        press={() => transport.seek(transport.atMs() + 5_000)}
      />
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
      <Segments
        label={words.channel}
        segments={CHANNELS.map((channel) => ({
          value: channel,
          shown: names[channel],
          className: channel === 'patient' ? css.warm : channel === 'hospital' ? css.cool : undefined,
        }))}
        value={playing.channel}
        change={(channel) => transport.setChannel(channel)}
      />
      <Segments
        label={words.speed}
        segments={SHOWN.map((speed) => ({
          value: speed,
          shown: speed === 1 ? '1.0×' : speed === 2 ? '2.0' : String(speed),
          name: `${speed}×`,
        }))}
        value={playing.speed}
        change={(speed) => transport.setSpeed(speed)}
      />
      {mayComment && (
        <button type="button" className={css.small} onClick={onComment}>
          <Icon name="comment" />
          {words.comment}
          <kbd>C</kbd>
        </button>
      )}
      <IconButton
        className={`${css.small} ${css.narrow}`}
        icon="panel"
        label={words.showPanel}
        press={onPanel}
      />
    </div>
  );
}
