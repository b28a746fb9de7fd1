// What came of it, forced at the end: the grid, what the choice needs besides, what is missing in words, and the way to the next.
import { Button, Input } from 'antd';
import { type RefObject, useId, useState } from 'react';
import { Card } from '../../components/Card';
import { DispositionTag } from '../../components/DispositionTag';
import { lookOf } from '../../components/dispositions';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import type { Outcome, OutcomeChoice, Talk } from './api';
import { calledNobody, causesOf, type Draft, isQuiet, missing, saysTheLine } from './outcomes';
import { useEither } from './Softphone';
import { timeOf } from './time';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

/** So many are in sight; the rarer ones are one step away. */
const FIRST = 8;

export interface OutcomeProps {
  talk: Talk;
  draft: Draft;
  change: (more: Partial<Draft>) => void;
  grid: RefObject<HTMLDivElement | null>;
}

export function OutcomeCard({ talk, draft, change, grid }: OutcomeProps) {
  const t = useWords(words);
  const say = useEither();
  const times = useTimes();
  const { language } = useLanguage();
  const { page, door, now } = useDesk();
  const order = useOrder();
  const sayWord = useSay();
  const [more, setMore] = useState(false);
  const presence = page?.me.presence ?? 'talking';
  const timeIn = (text: string) => timeOf(text, times.zone, now);
  const lacks = missing(draft, talk, presence, timeIn);
  const byLine = saysTheLine(talk, presence);
  const nobody = calledNobody(talk, presence);
  const goesOn = page?.me.then == null || page.me.then === 'ready';
  const chosen = talk.outcomes.find((one) => one.id === draft.outcome) ?? null;

  const isOpen = more || talk.outcomes.slice(FIRST).some((one) => one.id === draft.outcome);
  const shown = isOpen ? talk.outcomes : talk.outcomes.slice(0, FIRST);

  const submit = () => {
    if (lacks !== null) return;
    order.run(async () => {
      if (chosen !== null) await door.outcome(talk.id, submission(chosen, draft, timeIn));
      const done = await door.wrapUpDone(talk.id);
      if (!goesOn || done.conversation !== null) return done;
      // The next one is a wish: without one the desk is simply empty.
      return door.next().catch(() => door.read());
    });
  };
  useShortcuts([{ keys: 'Ctrl+Enter', does: words.keySubmit, run: submit }]);
  return (
    <Card title={t('outcome')} extra={t('forced')} className="dk-outcome">
      {nobody && <p className="dk-line-said">{t('nobodyCalled')}</p>}
      {byLine && !nobody && (
        <div className="dk-line-said">
          {t('classified')} <DispositionTag disposition={talk.classified ?? 'unknown'} />
        </div>
      )}
      {!nobody && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
        <div className="dk-grid" role="group" aria-label={t('outcome')} ref={grid} tabIndex={-1}>
          {shown.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-pressed={draft.outcome === one.id}
              aria-disabled={!one.may}
              className={one.may ? undefined : 'is-locked'}
              title={one.why_not?.[language]}
              onClick={() => change({ outcome: one.id, cause: '', confirmed: false })}
            >
              {!one.may && <Icon name="lock" size={12} />}
              {sayWord(lookOf(one.id).word)}
            </button>
          ))}
          {!isOpen && talk.outcomes.length > FIRST && (
            <button type="button" className="dk-more-outcomes" onClick={() => setMore(true)}>
              {t('moreOutcomes', { n: talk.outcomes.length - FIRST })}
            </button>
          )}
        </div>
      )}
      {chosen?.may && <Needs one={chosen} draft={draft} change={change} />}
      {lacks !== null && (
        <p className="dk-missing" role="status">
          <Icon name={lacks.on === 'call' ? 'clock' : 'warning'} />
          {lacks.word === words.missOwed ? t('missOwed', { n: lacks.n ?? 0 }) : say(lacks.word)}
        </p>
      )}
      {order.error !== null && (
        <div className="dk-pad-line">
          <ErrorLine error={order.error} />
        </div>
      )}
      <Button
        type="primary"
        size="large"
        className="dk-submit"
        loading={order.isRunning}
        aria-disabled={lacks !== null}
        onClick={submit}
      >
        {t(goesOn ? 'submit' : 'submitOnly')} <kbd>Ctrl Enter</kbd>
      </Button>
    </Card>
  );
}

function submission(one: OutcomeChoice, draft: Draft, timeIn: (text: string) => string | null): Outcome {
  const sent: Outcome = { outcome: one.id };
  if (one.needs === 'cause' && draft.cause.trim() !== '') sent.cause = draft.cause.trim();
  if (one.needs === 'language') sent.language = draft.language.trim();
  const appointAt = one.needs === 'appointment' ? timeIn(draft.appointAt) : null;
  if (appointAt !== null) sent.appointment_at = appointAt;
  const followUpAt = isQuiet(one.id) ? null : timeIn(draft.followUpAt);
  if (followUpAt !== null) sent.follow_up_at = followUpAt;
  return sent;
}

function Needs({
  one,
  draft,
  change,
}: {
  one: OutcomeChoice;
  draft: Draft;
  change: (more: Partial<Draft>) => void;
}) {
  const t = useWords(words);
  const sayWord = useSay();
  if (isQuiet(one.id)) {
    return (
      <div className="dk-quiet">
        <p>{t('deceasedEffect')}</p>
        <label>
          <input
            type="checkbox"
            checked={draft.confirmed}
            onChange={(event) => change({ confirmed: event.target.checked })}
          />
          {t('deceasedConfirm')}
        </label>
      </div>
    );
  }
  return (
    <>
      {one.needs === 'cause' && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
        <div className="dk-causes" role="group" aria-label={t('cause')}>
          <span className="ink-3 small">{t('cause')}</span>
          {causesOf(one.id).map((word) => (
            <button
              key={word[0]}
              type="button"
              aria-pressed={draft.cause === word[0]}
              onClick={() => change({ cause: word[0] })}
            >
              {sayWord(word)}
            </button>
          ))}
          <input
            className="dk-line"
            maxLength={200}
            placeholder={t('causeHint')}
            aria-label={t('causeHint')}
            value={causesOf(one.id).some((word) => word[0] === draft.cause) ? '' : draft.cause}
            onChange={(event) => change({ cause: event.target.value })}
          />
        </div>
      )}
      {one.needs === 'appointment' && (
        <Line
          label={t('appointAt')}
          placeholder={t('timeHint')}
          value={draft.appointAt}
          change={(appointAt) => change({ appointAt })}
        />
      )}
      {one.needs === 'language' && (
        <Line
          label={t('language')}
          placeholder={t('languageHint')}
          maxLength={40}
          value={draft.language}
          change={(language) => change({ language })}
        />
      )}
      <Line
        label={t('followUpAt')}
        placeholder="12-11 09:00"
        value={draft.followUpAt}
        change={(followUpAt) => change({ followUpAt })}
      />
      {one.id === 'wrong_number' && <p className="dk-note-line">{t('wrongEffect')}</p>}
    </>
  );
}

/** A line to type, beside its label. */
function Line({
  label,
  change,
  ...line
}: {
  label: string;
  placeholder: string;
  maxLength?: number;
  value: string;
  change: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="dk-field">
      <label htmlFor={id}>{label}</label>
      <Input {...line} id={id} onChange={(event) => change(event.target.value)} />
    </div>
  );
}
