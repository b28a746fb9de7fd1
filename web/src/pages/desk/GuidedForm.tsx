// The questionnaire as the agent holds it: the step shown, its sentence, its options, what was answered, and the way on.
import { Button } from 'antd';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import { type Shortcut, useShortcuts } from '../../keys/shortcuts';
import { Answered } from './Answered';
import type { AnswerNow, Form, Talk } from './api';
import {
  answerOf,
  answerTo,
  beginning,
  END,
  expecting,
  following,
  isQuestion,
  preceding,
  shownStep,
} from './form';
import { wasReached } from './outcomes';
import { Question } from './Question';
import { Steps } from './Steps';
import { useAnswers } from './useAnswers';
import { useDesk } from './useDesk';
import { words } from './words';

/** From the moment the patient is there; what was said can still be written down afterwards. */
const TALKING: readonly Talk['state'][] = ['talking', 'on_hold', 'agent_lost'];

export function GuidedForm({
  talk,
  callBack,
  toOutcome,
}: {
  talk: Talk;
  /** The patient cannot talk now. */
  callBack: () => void;
  toOutcome: () => void;
}) {
  const t = useWords(words);
  const { now } = useDesk();
  const answers = useAnswers(talk.id);
  const [at, setAt] = useState<string | null>(() => beginning(talk.form));
  const [waits, setWaits] = useState(false);
  const next = useRef<HTMLButtonElement>(null);
  const script = useRef<HTMLHeadingElement>(null);
  const form = answers.coming.reduce(
    (so, answer) => expecting(so, answer, new Date(now).toISOString()),
    talk.form,
  );
  const shown = shownStep(form, at);
  // Where one stands is pinned: what the patient answers by key opens the next step, but does not turn the page.
  const standsAt = shown?.id ?? END;
  useEffect(() => {
    if (at !== standsAt) setAt(standsAt);
  }, [at, standsAt]);

  const canAnswer = TALKING.includes(talk.state) || wasReached(talk);
  const give = (answer: AnswerNow) => {
    if (canAnswer) answers.give(answer);
  };

  // The patient's own key: of the keys that came while this question was shown, the newest that fits answers it. Which key it was
  // goes with it, so that two tabs write down one answer.
  const heard = useRef(talk.keys.length);
  useEffect(() => {
    const seq = talk.keys.length;
    if (seq <= heard.current) return;
    heard.current = seq;
    const key = talk.keys.at(-1) ?? '';
    if (shown === null || !canAnswer || document.hidden || !/^\d$/.test(key)) return;
    const answer = answerOf(shown, Number(key), null);
    if (answer !== null) answers.give({ ...answer, key_seq: seq });
  }, [talk.keys, shown, canAnswer, answers]);

  const goTo = (id: string) => {
    setAt(id);
    script.current?.focus();
  };
  const back = preceding(form, shown);
  const onward = shown === null ? ({ to: 'nowhere' } as const) : following(form, shown);
  const isComing = answers.coming.length > 0;
  const goOn = () => {
    if (onward.to === 'step') goTo(onward.step.id);
    if (onward.to === 'end') goTo(END);
    if (shown === null) toOutcome();
    // The answer is on its way and opens the next step: gone on then.
    setWaits(onward.to === 'nowhere' && isComing);
  };
  useEffect(() => {
    if (!waits || isComing) return;
    setWaits(false);
    if (onward.to === 'step') setAt(onward.step.id);
    if (onward.to === 'end') setAt(END);
  }, [waits, isComing, onward]);
  const refuse = () => {
    if (shown !== null && isQuestion(shown)) give({ question: shown.id });
  };
  const digit = (n: number) => {
    if (shown === null) return;
    const answer = answerOf(shown, n, answerTo(form, shown.id)?.value ?? null);
    if (answer !== null) give(answer);
  };

  const keys: Shortcut[] = [
    ...(canAnswer
      ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map(
          (n): Shortcut => ({ keys: String(n), does: words.keyAnswer, run: () => digit(n) }),
        )
      : []),
    ...(canAnswer ? [{ keys: 'Alt+r', does: words.keyRefuse, run: refuse }] : []),
    ...(talk.state === 'previewing' ? [] : [{ keys: 'Enter', does: words.keyNext, run: goOn }]),
    {
      keys: 'Alt+ArrowLeft',
      does: words.keyPrevious,
      run: () => {
        if (back !== null) goTo(back.id);
      },
    },
    { keys: 'Alt+b', does: words.keyCallBack, run: callBack },
  ];
  useShortcuts(keys);

  return (
    <section className="card dk-form" aria-label={t('form')}>
      <div className="dk-form-head">
        <b>{talk.form.title}</b>
        <Origin talk={talk} />
      </div>
      <Steps form={form} shown={shown} choose={goTo} />
      <div className="dk-form-body">
        {shown === null ? (
          <End form={form} heading={script} />
        ) : (
          <Question
            key={shown.id}
            step={shown}
            phrases={form.phrases}
            answer={answerTo(form, shown.id)}
            canAnswer={canAnswer}
            heading={script}
            give={(answer, isByHand) => {
              give(answer);
              if (isByHand) next.current?.focus();
            }}
            goOn={goOn}
          />
        )}
        {answers.error !== null && (
          <div className="dk-pad-line">
            <ErrorLine error={answers.error} />
          </div>
        )}
        <Answered form={form} shown={shown} choose={goTo} />
      </div>
      <div className="dk-nav">
        <Button
          disabled={back === null}
          onClick={() => back !== null && goTo(back.id)}
          icon={<Icon name="left" />}
        >
          {t('previous')}
        </Button>
        {canAnswer && shown !== null && isQuestion(shown) && (
          <Button type="text" onClick={refuse}>
            {t('refuse')}
          </Button>
        )}
        <Button type="text" onClick={callBack}>
          {t('unsuitable')}
        </Button>
        <span className="dk-space" />
        <span className="ink-3 small dk-hint">{canAnswer ? t('patientMayPress') : t('notYet')}</span>
        <Button
          ref={next}
          type="primary"
          disabled={talk.state === 'previewing' || (shown !== null && onward.to === 'nowhere' && !isComing)}
          onClick={goOn}
        >
          {nextWord()} <kbd>Enter</kbd>
        </Button>
      </div>
    </section>
  );

  function nextWord(): string {
    if (shown === null || onward.to === 'end') return t('toOutcome');
    if (!isQuestion(shown)) return t('readDone');
    if (onward.to !== 'step') return t('next');
    return onward.step.title === '' ? t('next') : t('nextNamed', { name: onward.step.title });
  }
}

function Origin({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const earlier = talk.form.answers.filter((answer) => answer.is_earlier).length;
  if (earlier === 0) return null;
  return (
    <span className="tag tag-info">
      <Icon name="swap" />
      {t('handedOver', { n: earlier })}
    </span>
  );
}

const ENDS = {
  completed: 'endCompleted',
  refused: 'endRefused',
  third_party: 'endThird',
  wrong_number: 'endWrong',
  appointment: 'endAppointment',
  silent: 'endSilent',
  opted_out: 'endOptedOut',
} as const;

function End({ form, heading }: { form: Form; heading: RefObject<HTMLHeadingElement | null> }) {
  const t = useWords(words);
  const word = form.end !== null && form.end in ENDS ? ENDS[form.end as keyof typeof ENDS] : 'end';
  return (
    <div className="dk-say">
      <span className="ink-3 small">{t('stepEnd')}</span>
      <h2 ref={heading} tabIndex={-1}>
        {t(word)}
      </h2>
    </div>
  );
}
