// The answers: what was asked, which key came when, how fast, and the five seconds around it. The table twin of the wave.

import { useEffect, useRef } from 'react';
import { Heads } from '../../components/Heads';
import { Icon } from '../../components/Icon';
import { Keycap } from '../../components/Keycap';
import type { Answer } from './model';
import css from './replay.module.css';
import { clock } from './scale';
import type { Words } from './words';

interface Props {
  readonly answers: readonly Answer[];
  readonly selected: string | null;
  /** The selected one is sounding. */
  readonly sounding: boolean;
  readonly words: Words;
  readonly onHear: (answer: Answer) => void;
}

function isLow(answer: Answer): boolean {
  return answer.hints.includes('low');
}

function Hear({
  answer,
  current,
  sounding,
  words,
  onHear,
}: {
  answer: Answer;
  current: boolean;
  sounding: boolean;
  words: Words;
  onHear: Props['onHear'];
}) {
  if (answer.atMs === null && answer.spoken === null) return null;
  const long = answer.spoken === null ? 5_000 : answer.spoken.toMs - answer.spoken.fromMs;
  const tone = current ? (isLow(answer) ? css.hearingLow : css.hearing) : '';
  return (
    <button
      type="button"
      className={`${css.hear} ${tone}`}
      aria-label={words.hearAnswer(answer.number, answer.label)}
      onClick={(event) => {
        event.stopPropagation();
        onHear(answer);
      }}
    >
      <Icon name={current && sounding ? 'pause' : 'play'} />
      {current && sounding ? words.hearing : words.hearFor(long)}
    </button>
  );
}

/** Rows of 28 px; a row is one object with its keycap, prompt and window. */
export function Answers({ answers, selected, sounding, words, onHear }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is selected
  useEffect(() => {
    body.current?.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  if (answers.length === 0) return <p className={css.empty}>{words.noAnswers}</p>;
  return (
    <div className={css.scroll}>
      <table className={`sheet ${css.table}`}>
        <caption className="unseen">{words.answersCaption}</caption>
        <colgroup>
          <col style={{ width: 56 }} />
          <col />
          <col style={{ width: 48 }} />
          <col style={{ width: '13%' }} />
          <col style={{ width: 70 }} />
          <col style={{ width: 82 }} />
          <col style={{ width: 80 }} />
          <col style={{ width: 116 }} />
          <col style={{ width: 92 }} />
        </colgroup>
        <Heads
          of={[
            words.question,
            words.questionText,
            words.key,
            words.answer,
            { name: words.at, className: css.num },
            { name: words.reaction, className: css.num, title: words.reactionHint },
            words.source,
            words.hint,
            { name: words.hear, className: css.num },
          ]}
        />
        <tbody ref={body}>
          {answers.map((answer) => {
            const current = answer.question === selected;
            const low = isLow(answer);
            const tone = current ? (low ? css.currentLow : css.current) : '';
            const hints = answer.hints.slice(0, 1);
            return (
              <tr
                key={answer.question}
                className={`${css.row} ${tone}`}
                aria-selected={current}
                data-question={answer.question}
                onClick={() => onHear(answer)}
              >
                <td>{answer.number}</td>
                <td title={answer.title} style={{ color: current ? 'var(--ink)' : 'var(--ink-2)' }}>
                  {answer.title}
                </td>
                <td>
                  {answer.corrected !== null && answer.corrected.key !== null && (
                    <span className={css.struck}>{answer.corrected.key}</span>
                  )}
                  {answer.key !== null ? (
                    <Keycap look={answer.source === 'agent' ? 'agent' : low ? 'low' : 'patient'}>
                      {answer.key}
                    </Keycap>
                  ) : (
                    answer.spoken !== null && (
                      <span className={css.warm}>
                        <Icon name="microphone" />
                      </span>
                    )
                  )}
                </td>
                <td
                  title={
                    answer.corrected === null
                      ? answer.label
                      : words.correctedBy(answer.corrected.by, answer.corrected.why)
                  }
                  style={{ fontWeight: low ? 600 : 500, color: low ? 'var(--bad)' : undefined }}
                >
                  {answer.corrected !== null && <span className={css.struck}>{answer.corrected.label}</span>}
                  {answer.label}
                </td>
                <td className={css.num}>{answer.atMs === null ? '—' : clock(answer.atMs)}</td>
                <td className={css.num}>
                  {answer.reactionMs === null ? '' : words.secondsOf(answer.reactionMs)}
                </td>
                <td style={{ color: 'var(--ink-3)', fontSize: 12 }}>
                  {answer.source === null ? '' : words.sources[answer.source]}
                </td>
                <td title={answer.hints.map((hint) => words.hints[hint]).join(' · ')}>
                  {hints.map((hint) => (
                    <span
                      key={hint}
                      className={`tag ${hint === 'low' ? `tag-bad ${css.tagBad}` : 'tag-plain'}`}
                    >
                      {hint === 'low' && <Icon name="warning" />}
                      {words.hints[hint]}
                    </span>
                  ))}
                </td>
                <td className={css.num}>
                  <Hear answer={answer} current={current} sounding={sounding} words={words} onHear={onHear} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
