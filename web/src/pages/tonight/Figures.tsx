// The seven figures of the night, the answer to its question first.
import type { ReactNode } from 'react';
import { useMay } from '../../api/session';
import { FigureLink } from '../../components/FigureLink';
import { Strip, type StripFigure } from '../../components/Strip';
import { useWords } from '../../i18n';
import { count, rate, type Times, useTimes } from '../../time';
import { type Board, verdictWords } from './board';
import { listOf, type NightFigure } from './figures';
import { words } from './words';

export function Figures({ board, now }: { board: Board; now: number }) {
  const t = useWords(words);
  const times = useTimes();
  const verdict = verdictWords(board, t, times);
  const { sums } = board;
  const [answered] = rate(sums.answered, sums.attempts).split('%');
  const mayOpen = useMay('see_calls') === 'all';
  const opens = (figure: NightFigure['figure'], shown?: ReactNode) => (
    <FigureLink
      n={figure === 'not_completed' ? sums.done - sums.completed : sums[figure]}
      shown={shown}
      {...(mayOpen ? { to: listOf({ figure }) } : {})}
    />
  );
  const figures: StripFigure[] = [
    {
      label: t('now'),
      value: times.hour(now),
      rest: times.clock(now).slice(5),
      note: left(board, now, t, times),
    },
    {
      label: t('doneOfDue'),
      value: opens('done'),
      rest: ` / ${count(sums.due)}`,
      note:
        sums.moved === 0
          ? rate(sums.done, sums.due)
          : t('doneHint', { rate: rate(sums.done, sums.due), moved: count(sums.moved) }),
    },
    {
      label: t('completed'),
      value: opens('completed'),
      note: t('successRate', { rate: rate(sums.completed, sums.done, 2) }),
    },
    {
      label: t('answerRate'),
      value: (
        <span title={`${count(sums.answered)} / ${count(sums.attempts)}`}>{opens('answered', answered)}</span>
      ),
      rest: sums.attempts > 0 ? '%' : '',
      note: opens('attempts', t('attempts', { n: count(sums.attempts) })),
    },
    {
      label: t('linesBusy'),
      value: count(sums.busy),
      rest: ` / ${count(sums.lines)}`,
      note: t('talkingPace', { talking: sums.talking, pace: (sums.begun_last_minute / 60).toFixed(1) }),
    },
    { label: t('ownFaults'), value: opens('own_faults'), note: t('notCounted') },
  ];
  return (
    <div className={`t-figures t-${verdict.tone}`}>
      <Strip
        label={t('question')}
        answer={{
          label: t('question'),
          value: <span aria-live="polite">{verdict.head}</span>,
          note: verdict.hints.join(' · '),
        }}
        figures={figures}
      />
    </div>
  );
}

function left(board: Board, now: number, t: ReturnType<typeof useWords<typeof words>>, times: Times): string {
  const { has_windows, opens_at, closes_at } = board.night;
  if (!has_windows || !opens_at || !closes_at) return t('anyTime');
  const [opens, closes] = [Date.parse(opens_at), Date.parse(closes_at)];
  if (now < opens) return t('opensIn', { time: times.length(opens - now) });
  return now < closes ? t('left', { time: times.length(closes - now) }) : t('over');
}
