// The seven figures of the night, the answer to its question first.
import type { ReactNode } from 'react';
import { useWords } from '../../i18n';
import { count, rate, useTimes } from '../../time';
import { type Board, verdictWords } from './board';
import { words } from './words';

export function Strip({ board, now }: { board: Board; now: number }) {
  const t = useWords(words);
  const times = useTimes();
  const verdict = verdictWords(board, t, times);
  const { sums } = board;
  const [hour, second] = [times.hour(now), times.clock(now).slice(5)];
  const [answered] = rate(sums.answered, sums.attempts).split('%');
  return (
    <section className="card t-strip" aria-label={t('question')}>
      <div className={`t-figure t-verdict t-${verdict.tone}`} aria-live="polite">
        <p className="t-q">{t('question')}</p>
        <p className="t-v">{verdict.head}</p>
        <p className="t-n">{verdict.hints.join(' · ')}</p>
      </div>
      <Figure name={t('now')} hint={left(board, now, t, times.length.bind(times))}>
        {hour}
        <small>{second}</small>
      </Figure>
      <Figure
        name={t('doneOfDue')}
        hint={
          sums.moved === 0
            ? rate(sums.done, sums.due)
            : t('doneHint', { rate: rate(sums.done, sums.due), moved: count(sums.moved) })
        }
      >
        {count(sums.done)}
        <small> / {count(sums.due)}</small>
      </Figure>
      <Figure name={t('completed')} hint={t('successRate', { rate: rate(sums.completed, sums.done, 2) })}>
        {count(sums.completed)}
      </Figure>
      <Figure
        name={t('answerRate')}
        hint={t('attempts', { n: sums.attempts })}
        title={`${count(sums.answered)} / ${count(sums.attempts)}`}
      >
        {answered}
        {sums.attempts > 0 && <small>%</small>}
      </Figure>
      <Figure
        name={t('linesBusy')}
        hint={t('talkingPace', { talking: sums.talking, pace: (sums.begun_last_minute / 60).toFixed(1) })}
      >
        {count(sums.busy)}
        <small> / {count(sums.lines)}</small>
      </Figure>
      <Figure name={t('ownFaults')} hint={t('notCounted')}>
        {count(sums.own_faults)}
      </Figure>
    </section>
  );
}

function Figure({
  name,
  hint,
  title,
  children,
}: {
  name: string;
  hint: string;
  title?: string;
  children: ReactNode;
}) {
  return (
    <div className="t-figure" title={title}>
      <p className="t-q">{name}</p>
      <p className="t-v">{children}</p>
      <p className="t-n" title={hint}>
        {hint}
      </p>
    </div>
  );
}

function left(
  board: Board,
  now: number,
  t: ReturnType<typeof useWords<typeof words>>,
  length: (ms: number) => string,
): string {
  const { has_windows, opens_at, closes_at } = board.night;
  if (!has_windows || !opens_at || !closes_at) return t('anyTime');
  const [opens, closes] = [Date.parse(opens_at), Date.parse(closes_at)];
  if (now < opens) return t('opensIn', { time: length(opens - now) });
  return now < closes ? t('left', { time: length(closes - now) }) : t('over');
}
