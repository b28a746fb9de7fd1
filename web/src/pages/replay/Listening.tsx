// Who heard which seconds, when and why.

import { Scroll } from '../../components/Scroll';
import type { Hearing } from './model';
import css from './replay.module.css';
import { minutes } from './scale';
import type { Words } from './words';

/** The latest first. */
export function Listening({
  hearings,
  words,
  time,
}: {
  hearings: readonly Hearing[];
  words: Words;
  time: (at: string) => string;
}) {
  if (hearings.length === 0) return <p className={css.empty}>{words.noListening}</p>;
  return (
    <Scroll className={css.list} label={words.listening}>
      {hearings.map((hearing) => (
        <article key={hearing.id} className={css.comment}>
          <header>
            <b>{hearing.name}</b>
            <span>{time(hearing.firstAt)}</span>
          </header>
          <p>
            {words.heardSpan(minutes(hearing.fromMs), minutes(hearing.toMs))}
            {hearing.reason !== null && ` · ${words.why}：${hearing.reason}`}
          </p>
        </article>
      ))}
    </Scroll>
  );
}
