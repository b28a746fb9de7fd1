// Whether the recording is what was recorded, and the way to take the proof out of the house.

import { Icon } from '../../components/Icon';
import type { Sound } from './model';
import css from './replay.module.css';
import type { Words } from './words';

interface Props {
  readonly sound: Sound;
  /** Somebody has listened since the page was opened. */
  readonly listened: boolean;
  readonly mayListen: boolean;
  readonly mayExport: boolean;
  /** The day of the deletion. */
  readonly deletedOn: string;
  readonly words: Words;
  readonly onExport: () => void;
}

function facts(sound: Sound, deletedOn: string, words: Words): readonly string[] {
  if (sound.state === 'deleted') return [words.deleted(deletedOn)];
  if (sound.state === 'none') return [words.noRecording];
  const hash =
    sound.intact === null ? words.hashUnchecked : sound.intact ? words.hashHolds : words.brokenShort;
  const gap = sound.gapMs === 0 ? words.noGap : words.gap(sound.gapMs);
  return sound.driftMs === null ? [hash, gap] : [hash, gap, words.drift(sound.driftMs)];
}

/** The line under the answers. */
export function Integrity({ sound, listened, mayListen, mayExport, deletedOn, words, onExport }: Props) {
  const broken = sound.intact === false;
  const kept = sound.state === 'kept' || sound.state === 'unavailable';
  return (
    <div className={css.integrity}>
      {kept && (
        <>
          <span style={{ color: broken ? 'var(--bad)' : 'var(--d-complete)' }}>
            <Icon name={broken ? 'warning' : 'shield'} />
          </span>
          {!broken && <b>{sound.gapMs === 0 ? words.whole : words.holed}</b>}
        </>
      )}
      {facts(sound, deletedOn, words).map((fact) => (
        <span
          key={fact}
          style={broken && fact === words.brokenShort ? { color: 'var(--bad)', fontWeight: 600 } : undefined}
        >
          {fact}
        </span>
      ))}
      <span className={css.end}>{kept && mayListen ? (listened ? words.logged : words.willLog) : ''}</span>
      {mayExport && (
        <button type="button" className={css.link} disabled={broken} onClick={onExport}>
          <Icon name="bundle" />
          {words.exportBundle}
        </button>
      )}
    </div>
  );
}
