// The list itself: rows of 32 px of which only those in sight are drawn.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';

import { DispositionTag } from '../../components/DispositionTag';
import { Icon } from '../../components/Icon';
import { Keycap } from '../../components/Keycap';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { CallLine } from './data';
import css from './recordings.module.css';
import { flagNames, reviewNames, words } from './words';

const ROW = 32;
const HEAD = 30;

/** The question of a call's lowest score; of equal ones the first. */
export function lowestQuestion(call: CallLine): string | null {
  return (
    call.scores.reduce<CallLine['scores'][number] | null>(
      (best, score) => (best === null || score.points < best.points ? score : best),
      null,
    )?.question ?? null
  );
}

interface Props {
  readonly calls: readonly CallLine[];
  readonly total: number | null;
  readonly current: number;
  readonly sounding: boolean;
  readonly mayListen: boolean;
  readonly more: 'more' | 'reading' | 'end';
  readonly address: (call: CallLine) => string;
  readonly onCurrent: (at: number) => void;
  readonly onOpen: (call: CallLine) => void;
  readonly onHear: (at: number) => void;
  readonly onMore: () => void;
}

function Flag({ flag }: { flag: string }) {
  const say = useSay();
  const name = flagNames[flag];
  const tone =
    flag === 'low_score' || flag === 'complaint' ? css.tagBad : flag === 'spoken' ? css.tagWarm : '';
  return <span className={`${css.tag} ${tone}`}>{name === undefined ? flag : say(name)}</span>;
}

/** One line per call. */
export function Rows({
  calls,
  total,
  current,
  sounding,
  mayListen,
  more,
  address,
  onCurrent,
  onOpen,
  onHear,
  onMore,
}: Props) {
  const t = useWords(words);
  const say = useSay();
  const times = useTimes();
  const home = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: calls.length,
    getScrollElement: () => home.current,
    estimateSize: () => ROW,
    overscan: 12,
    paddingStart: HEAD,
  });
  const shown = rows.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more === 'more' && last >= calls.length - 20) onMore();
  }, [more, last, calls.length, onMore]);
  useEffect(() => {
    if (current >= 0 && current < calls.length) rows.scrollToIndex(current, { align: 'auto' });
  }, [current, calls.length, rows]);
  const names = [
    t('time'),
    t('patient'),
    t('departmentDoctor'),
    t('result'),
    t('scores'),
    t('length'),
    t('flags'),
    t('review'),
    t('hear'),
  ];
  const first = shown[0];
  const before = first === undefined ? 0 : first.start - HEAD;
  const after = rows.getTotalSize() - (shown[shown.length - 1]?.end ?? HEAD);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section ref={home} className={css.grid} aria-label={t('list')} tabIndex={0}>
      <table className={`sheet ${css.table}`} aria-rowcount={(total ?? calls.length) + 1}>
        <colgroup>
          <col style={{ width: 104 }} />
          <col style={{ width: 76 }} />
          <col />
          <col style={{ width: 132 }} />
          <col style={{ width: '16%' }} />
          <col style={{ width: 92 }} />
          <col style={{ width: '13%' }} />
          <col style={{ width: 62 }} />
          <col style={{ width: 52 }} />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {names.map((name, at) => (
              <th key={name} scope="col" className={at === 5 || at === 8 ? css.num : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr>
              <td colSpan={9} style={{ height: before }} />
            </tr>
          )}
          {shown.map((item) => {
            const call = calls[item.index];
            if (call === undefined) return null;
            const isCurrent = item.index === current;
            return (
              <tr
                key={call.id}
                aria-rowindex={item.index + 2}
                aria-selected={isCurrent}
                className={css.line}
                data-call={call.id}
                onClick={() => onCurrent(item.index)}
                onDoubleClick={() => onOpen(call)}
              >
                <td>
                  <Link to={address(call)} tabIndex={-1}>
                    {times.minute(call.at)}
                  </Link>
                </td>
                <td>{call.patient ?? '—'}</td>
                <td className={css.soft}>
                  {[call.department, call.doctor].filter(Boolean).join(' · ') || '—'}
                </td>
                <td>{call.ending && <DispositionTag disposition={call.ending.disposition} />}</td>
                <td>
                  <span className={css.strip}>
                    {call.scores.map((score) => (
                      <Keycap
                        key={score.question}
                        small
                        look={score.low ? 'low' : 'patient'}
                        meaning={`${score.label ?? ''}`}
                      >
                        {score.key}
                      </Keycap>
                    ))}
                  </span>
                </td>
                <td className={css.num}>{times.length(call.length_ms)}</td>
                <td>
                  {call.flags.map((flag) => (
                    <Flag key={flag} flag={flag} />
                  ))}
                </td>
                <td className={css.quiet}>{say(reviewNames[call.review])}</td>
                <td className={css.num}>
                  <Sound
                    call={call}
                    state={isCurrent && sounding ? 'sounding' : 'still'}
                    mayListen={mayListen}
                    onHear={() => onHear(item.index)}
                  />
                </td>
              </tr>
            );
          })}
          {after > 0 && (
            <tr>
              <td colSpan={9} style={{ height: after }} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

interface SoundProps {
  readonly call: CallLine;
  readonly state: 'sounding' | 'still';
  readonly mayListen: boolean;
  readonly onHear: () => void;
}

function Sound({ call, state, mayListen, onHear }: SoundProps) {
  const t = useWords(words);
  if (call.audio !== 'available') {
    return (
      <span className={css.quiet} title={t(call.audio)}>
        —<span className="unseen">{t(call.audio)}</span>
      </span>
    );
  }
  if (!mayListen || call.scores.length === 0) return null;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`${css.play} ${state === 'sounding' ? css.sounding : ''}`}
      aria-label={t(state === 'sounding' ? 'pause' : 'hearLowest')}
      onClick={(event) => {
        event.stopPropagation();
        onHear();
      }}
    >
      <Icon name={state === 'sounding' ? 'pause' : 'play'} size={14} />
    </button>
  );
}
