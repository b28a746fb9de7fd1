// The scorecard of a call: the own review being made or signed, the others as far as they may be seen, corrections of answers.
import { Button } from 'antd';
import { useState } from 'react';
import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import css from './Scorecard.module.css';
import { type CallReviews, claim, type Review, second, useChange, useReviews } from './ScorecardData';
import { Appealing, Correcting } from './ScorecardDialogs';
import { ScorecardEditor } from './ScorecardEditor';
import { useSaid } from './ScorecardItem';
import { Others, SignedCard } from './ScorecardSigned';
import { words } from './ScorecardWords';

export interface ScorecardProps {
  readonly callId: number;
  /** An item that belongs to a question was focused: the question's sound is brought up. */
  readonly onFocusQuestion: (question: string) => void;
}

/** The own review of a call: the one that is open, else the latest that is signed. */
export function ownOf(reviews: readonly Review[]): Review | null {
  const own = reviews.filter((review) => review.mine);
  return own.find((review) => review.state !== 'signed') ?? own.at(-1) ?? null;
}

/** A second opinion or an appeal that nobody has and that this person may take: the call is new to whoever has no review of it. */
export function waitingOf(reviews: readonly Review[]): Review | null {
  if (reviews.some((review) => review.mine)) return null;
  return reviews.find((review) => review.reviewer_id == null && review.state !== 'signed') ?? null;
}

export default function Scorecard({ callId, onFocusQuestion }: ScorecardProps) {
  const t = useWords(words);
  const { data, error, refetch } = useReviews(callId);
  if (data !== undefined) return <Known callId={callId} data={data} onFocusQuestion={onFocusQuestion} />;
  if (error === null) return <div className={css.loading} aria-busy="true" />;
  const failure = ApiError.of(error);
  return (
    <div className={css.trouble} role="alert">
      <p>{t('failedToLoad')}</p>
      {failure.detail !== '' && <p className={css.detail}>{failure.detail}</p>}
      <Button onClick={() => void refetch()}>{t('retry')}</Button>
    </div>
  );
}

function Known({ callId, data, onFocusQuestion }: ScorecardProps & { data: CallReviews }) {
  const t = useWords(words);
  const said = useSaid();
  const [dialog, setDialog] = useState<'appeal' | 'correct' | null>(null);
  const mayReview = useMay('review') !== null;
  const mayCorrect = useMay('correct_answers') !== null;
  const mayAppeal = useMay('comment') !== null;
  const own = ownOf(data.items);
  const waiting = waitingOf(data.items);
  const take = useChange(callId, claim);
  const ask = useChange(callId, second);
  const cardOf = (id: number) => data.scorecards.find((card) => card.id === id) ?? data.scorecard;
  const others = data.items.filter((review) => review.id !== own?.id);
  const first = data.items.find(
    (review) => review.first_id == null && review.state === 'signed' && !review.hidden,
  );
  const shown = own ?? (mayReview ? null : (first ?? null));
  const card = shown === null ? data.scorecard : cardOf(shown.scorecard_id);
  const pair = data.items.filter((review) => review.first_id != null).length;
  const failure = take.error ?? ask.error;

  const tools = mayCorrect ? (
    <button type="button" className="plain" onClick={() => setDialog('correct')}>
      {t('correct')}
    </button>
  ) : null;

  return (
    <div className={css.panel}>
      <div className={css.head}>
        <h3>{said(card)}</h3>
        <span className={css.version}>{t('version', { n: card.version })}</span>
        {pair > 0 && (
          <span className={css.chip} title={t('blindHint')}>
            {t('blind', { n: 2 })}
          </span>
        )}
      </div>
      {waiting !== null && mayReview && (
        <div className={css.banner}>
          <span>{t(waiting.kind === 'appeal' ? 'claimAppeal' : 'claimSecond')}</span>
          <Button onClick={() => take.mutate(waiting.id)}>{t('claim')}</Button>
        </div>
      )}
      {failure !== null && (
        <p className={css.detail} role="alert">
          {ApiError.of(failure).detail}
        </p>
      )}
      {shown !== null && shown.state === 'signed' ? (
        <SignedCard
          review={shown}
          card={card}
          onFocusQuestion={onFocusQuestion}
          after={<Others reviews={others} cardOf={cardOf} />}
          actions={
            <>
              {tools}
              {mayAppeal && shown.first_id == null && shown.appeal == null && (
                <Button onClick={() => setDialog('appeal')}>{t('appeal')}</Button>
              )}
              {mayReview && shown.first_id == null && !others.some((one) => one.kind === 'second') && (
                <Button disabled={ask.isPending} onClick={() => ask.mutate(shown.id)}>
                  {t('second')}
                </Button>
              )}
            </>
          }
        />
      ) : mayReview && waiting === null ? (
        <ScorecardEditor
          key={card.id}
          callId={callId}
          review={own}
          card={card}
          after={<Others reviews={others} cardOf={cardOf} />}
          tools={tools}
          onFocusQuestion={onFocusQuestion}
        />
      ) : (
        <div className={css.items}>
          {data.items.length === 0 && <p className={css.empty}>{t('noReview')}</p>}
          <Others reviews={others} cardOf={cardOf} />
        </div>
      )}
      {dialog === 'appeal' && shown !== null && (
        <Appealing callId={callId} review={shown.id} onClose={() => setDialog(null)} />
      )}
      {dialog === 'correct' && <Correcting callId={callId} onClose={() => setDialog(null)} />}
    </div>
  );
}
