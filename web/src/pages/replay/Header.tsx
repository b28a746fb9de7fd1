// Who was called, when, how it ended and why.

import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon';
import { useTimes } from '../../time';
import type { Head } from './model';
import css from './replay.module.css';
import type { Words } from './words';

interface Props {
  readonly head: Head;
  /** The disposition as its tag, and its word. */
  readonly tag: ReactNode;
  readonly result: string;
  /** The time of the call and the day of the discharge in the hospital's zone. */
  readonly called: string;
  readonly discharged: string;
  readonly words: Words;
  readonly onEvidence: () => void;
}

/** One line of facts, and the sentence that explains the result. */
export function Header({ head, tag, result, called, discharged, words, onEvidence }: Props) {
  const times = useTimes();
  const sex = head.sex === null ? '' : words[head.sex];
  const age = head.age === null ? '' : times.age(head.age);
  return (
    <section className={`card ${css.card} ${css.head}`} aria-label={head.name}>
      <div className={css.who}>
        <div className={css.name}>
          <h2>{head.name}</h2>
          {(sex !== '' || age !== '') && (
            <span style={{ color: 'var(--ink-2)' }}>
              {[sex, age].filter((part) => part !== '').join(' ')}
            </span>
          )}
          {tag}
          {head.lowAnswers > 0 && (
            <span className="tag tag-bad">
              <Icon name="warning" />
              {words.lowAnswers(head.lowAnswers)}
            </span>
          )}
        </div>
        <div className={css.sub}>
          {[head.number, head.numberKind, head.visitNo === '' ? '' : words.visitNo(head.visitNo)]
            .filter((part) => part !== '')
            .join(' · ')}
        </div>
      </div>
      <dl className={css.facts}>
        <div>
          <dt>{words.departmentDoctor}</dt>
          <dd>{[head.department, head.doctor].filter((part) => part !== '').join(' · ') || '—'}</dd>
        </div>
        <div>
          <dt>{words.discharged}</dt>
          <dd>{head.dayAfter === null ? discharged : `${discharged} · ${words.dayAfter(head.dayAfter)}`}</dd>
        </div>
        <div>
          <dt>{words.called}</dt>
          <dd>{`${called} · ${words.ordinal(head.ordinal)}`}</dd>
        </div>
        <div>
          <dt>{words.talk}</dt>
          <dd>{head.talkMs === null ? '—' : words.talkFor(head.talkMs)}</dd>
        </div>
      </dl>
      <div className={css.why}>
        <b>{words.whyResult(result)}</b>
        <div className={css.reason}>
          <p title={head.why}>
            {head.counted ? '' : words.notCounted}
            {head.why}
          </p>
          <button type="button" className={css.link} onClick={onEvidence}>
            {words.seeEvidence}
          </button>
        </div>
      </div>
    </section>
  );
}
