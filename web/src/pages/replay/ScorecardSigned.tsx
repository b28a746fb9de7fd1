// A signed review: read-only, with who, when, by which version; and the other reviews of the call.
import { type ReactNode, useState } from 'react';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import css from './Scorecard.module.css';
import type { Card, Review } from './ScorecardData';
import { ScorecardItem } from './ScorecardItem';
import { type Item, markOf, received } from './ScorecardMarks';
import { type Key, words } from './ScorecardWords';

const KINDS: Readonly<Record<string, Key>> = {
  sample: 'kindSample',
  own: 'kindOwn',
  second: 'kindSecond',
  appeal: 'kindAppeal',
};

function kindWord(kind: string): 'kindSample' | 'kindOwn' | 'kindSecond' | 'kindAppeal' {
  return (KINDS[kind] ?? 'kindOwn') as 'kindSample' | 'kindOwn' | 'kindSecond' | 'kindAppeal';
}

interface Props {
  readonly review: Review;
  readonly card: Card;
  readonly actions: ReactNode;
  readonly after: ReactNode;
  readonly onFocusQuestion: (question: string) => void;
}

function Items({ review, card, onFocusQuestion }: Pick<Props, 'review' | 'card' | 'onFocusQuestion'>) {
  const [at, setAt] = useState<string | null>(null);
  const marks = received(review.marks);
  return (card.items as readonly Item[]).map((item, place) => (
    <ScorecardItem
      key={item.id}
      item={item}
      number={place + 1}
      mark={markOf(marks, item.id)}
      focused={at === item.id}
      locked
      onFocus={() => {
        setAt(item.id);
        if (item.question != null) onFocusQuestion(item.question);
      }}
    />
  ));
}

export function SignedCard({ review, card, actions, after, onFocusQuestion }: Props) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <>
      <div className={css.items}>
        <Items review={review} card={card} onFocusQuestion={onFocusQuestion} />
        {review.note != null && <p className={css.note}>{review.note}</p>}
        {review.appeal != null && (
          <p className={css.appeal}>
            {t('appealed', { name: review.appeal.who, reason: review.appeal.reason })}
            <small>{times.minute(review.appeal.at)}</small>
          </p>
        )}
        {after}
      </div>
      <div className={css.foot} data-signed="true">
        <div className={css.sum}>
          <b className={review.fatal === true ? css.zero : undefined}>{review.score ?? '—'}</b>
          <span>
            {t('signedBy', { name: review.reviewer ?? '' })}
            <br />
            <time dateTime={review.signed_at ?? undefined} title={`${t('hash')} ${review.sha256 ?? ''}`}>
              {times.second(review.signed_at)}
            </time>
          </span>
        </div>
        {actions}
      </div>
    </>
  );
}

/** The other reviews of the call: a line each, opened to see the marks where they may be seen. */
export function Others({ reviews, cardOf }: { reviews: readonly Review[]; cardOf: (id: number) => Card }) {
  const t = useWords(words);
  const times = useTimes();
  if (reviews.length === 0) return null;
  return (
    <section className={css.others}>
      <h4>{t('others')}</h4>
      {reviews.map((review) => {
        const line = (
          <>
            <span>{review.reviewer ?? '—'}</span>
            <span className={css.points}>{t(kindWord(review.kind))}</span>
            {review.hidden || review.state !== 'signed' ? (
              <span className={css.chip}>
                {review.state === 'signed' || review.reviewer_id != null
                  ? t(review.kind === 'appeal' ? 'appealOpen' : 'hidden')
                  : t('secondAsked')}
              </span>
            ) : (
              <>
                <b>{review.score ?? '—'}</b>
                <time>{times.minute(review.signed_at)}</time>
              </>
            )}
          </>
        );
        return review.hidden || review.state !== 'signed' ? (
          <div key={review.id} className={css.other}>
            {line}
          </div>
        ) : (
          <details key={review.id}>
            <summary className={css.other}>{line}</summary>
            <Items review={review} card={cardOf(review.scorecard_id)} onFocusQuestion={() => undefined} />
            {review.note != null && <p className={css.note}>{review.note}</p>}
          </details>
        );
      })}
    </section>
  );
}
