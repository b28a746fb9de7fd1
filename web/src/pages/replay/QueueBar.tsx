// In the top bar: which call of its list this is, and the way to its neighbours.

import { IconButton } from '../../components/IconButton';
import type { Place } from './queue';
import css from './replay.module.css';
import type { Words } from './words';

/** Without a place yet, the buttons wait. */
export function QueueBar({
  queue,
  words,
  onGo,
}: {
  queue: Place;
  words: Words;
  onGo: (id: number | null) => void;
}) {
  const { place, total, exact, previous, next } = queue;
  const of =
    total === null ? '—' : exact ? total.toLocaleString('en-US') : `${total.toLocaleString('en-US')}+`;
  return (
    <>
      <IconButton
        className={css.step}
        icon="left"
        label={words.previousCall}
        isOff={previous === null}
        press={() => onGo(previous)}
      />
      <b className={css.place}>
        {place === null ? words.queue('—', of) : words.queue(place.toLocaleString('en-US'), of)}
      </b>
      <IconButton
        className={css.step}
        icon="right"
        label={words.nextCall}
        isOff={next === null}
        press={() => onGo(next)}
      />
      {place !== null && total !== null && exact && total > 0 && (
        <span className={css.progress} aria-hidden="true">
          <i style={{ width: `${Math.min((place / total) * 100, 100)}%` }} />
        </span>
      )}
    </>
  );
}
