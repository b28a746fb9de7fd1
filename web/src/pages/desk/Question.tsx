// One step: the sentence to read in large type, the options by digit, what is asked further, and phrases that help.
import { Input } from 'antd';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../../components/Icon';
import { Keycap } from '../../components/Keycap';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Answer, AnswerNow, Option, Step } from './api';
import { isEntry, isLow, isQuestion, marked, scores, spoken } from './form';
import { PHRASES, words } from './words';

export interface QuestionProps {
  step: Step;
  /** What helps in most talks, as the dialplan has it. */
  phrases: readonly string[];
  answer: Answer | undefined;
  canAnswer: boolean;
  heading: RefObject<HTMLHeadingElement | null>;
  /** `isByHand`: it was clicked, so the focus may go on. */
  give: (answer: AnswerNow, isByHand: boolean) => void;
  goOn: () => void;
}

export function Question(props: QuestionProps) {
  const { step, heading } = props;
  const t = useWords(words);
  const sentence = spoken(step);
  return (
    <>
      <div className="dk-say">
        <span className="ink-3 small">{t('readOut')}</span>
        <h2 ref={heading} tabIndex={-1}>
          {marked(sentence, step).map((piece, at) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence stay where they are
            piece.isOption ? <em key={at}>{piece.text}</em> : piece.text,
          )}
        </h2>
      </div>
      {isQuestion(step) && <Options {...props} />}
      {isQuestion(step) && <Further {...props} />}
      <Phrases phrases={props.phrases} />
    </>
  );
}

function Options({ step, answer, canAnswer, give }: QuestionProps) {
  const t = useWords(words);
  const range = scores(step);
  if (step.kind === 'open') {
    return (
      <div className="dk-options">
        <OptionButton
          option={{ key: '1', value: 1, label: t('openAnswer'), points: null, wants_care: false }}
          answer={answer}
          canAnswer={canAnswer}
          choose={() => give({ question: step.id, value: 1 }, true)}
        />
      </div>
    );
  }
  if (range.length > 0) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
      <div className="dk-scores" role="group" aria-label={t('options')}>
        {range.map((value) => (
          <button
            key={value}
            type="button"
            disabled={!canAnswer}
            aria-pressed={answer?.value === value}
            onClick={() => give({ question: step.id, value }, true)}
          >
            <Keycap>{value}</Keycap>
          </button>
        ))}
        {answer !== undefined && <By answer={answer} />}
      </div>
    );
  }
  if (isEntry(step)) return <Entry step={step} answer={answer} canAnswer={canAnswer} give={give} />;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
    <div className="dk-options" role="group" aria-label={t('options')}>
      {step.options.map((option) => (
        <OptionButton
          key={option.key}
          option={option}
          answer={answer}
          canAnswer={canAnswer}
          choose={() => give({ question: step.id, value: option.value }, true)}
        />
      ))}
    </div>
  );
}

function OptionButton({
  option,
  answer,
  canAnswer,
  choose,
}: {
  option: Option;
  answer: Answer | undefined;
  canAnswer: boolean;
  choose: () => void;
}) {
  const t = useWords(words);
  const isChosen = answer?.kind === 'value' && answer.value === option.value;
  return (
    <button
      type="button"
      className={isChosen ? 'dk-option is-chosen' : 'dk-option'}
      disabled={!canAnswer}
      aria-pressed={isChosen}
      onClick={choose}
    >
      <Keycap>{option.key}</Keycap>
      <span className="dk-option-label">{option.label}</span>
      {isChosen && answer !== undefined ? (
        <By answer={answer} />
      ) : (
        isLow(option) && <span className="tag tag-warn">{t('low')}</span>
      )}
    </button>
  );
}

/** Who gave it, and when. */
function By({ answer }: { answer: Answer }) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <span className="dk-by">
      <Icon name="check" size={14} />
      {t(answer.source === 'agent' ? 'byAgent' : 'byPatient')} · {times.clock(answer.at)}
    </span>
  );
}

function Entry({
  step,
  answer,
  canAnswer,
  give,
}: Pick<QuestionProps, 'step' | 'answer' | 'canAnswer' | 'give'>) {
  const t = useWords(words);
  const id = useId();
  return (
    <div className="dk-entry">
      <label htmlFor={id} className="ink-3 small">
        {t('number')} {t('between', { min: step.min ?? 0, max: step.max ?? 9 })}
      </label>
      <Input
        id={id}
        inputMode="numeric"
        disabled={!canAnswer}
        value={answer?.value ?? ''}
        onChange={(event) => {
          const value = Number(event.target.value.replace(/\D/g, ''));
          if (event.target.value !== '' && value >= (step.min ?? 0) && value <= (step.max ?? 9)) {
            give({ question: step.id, value }, false);
          }
        }}
      />
      {answer !== undefined && <By answer={answer} />}
    </div>
  );
}

/** What is noted beside the answer; of an answer that wants care it is asked for. */
function Further({ step, answer, canAnswer, give, goOn }: QuestionProps) {
  const t = useWords(words);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(answer?.remark ?? '');
  const kept = useRef(answer?.remark ?? '');
  const chosen = step.options.find((option) => option.value === answer?.value);
  const wantsCare = chosen !== undefined && isLow(chosen);
  const isAnswered = answer !== undefined;
  useEffect(() => {
    if (wantsCare && kept.current === '') field.current?.focus();
  }, [wantsCare]);
  useEffect(() => {
    const told = answer?.remark ?? '';
    // Another tab wrote: taken over unless something is being typed here.
    if (told === kept.current || field.current === document.activeElement) return;
    kept.current = told;
    setText(told);
  }, [answer?.remark]);
  if (!isAnswered) return null;
  const save = () => {
    if (text === kept.current || answer === undefined) return;
    kept.current = text;
    const given: AnswerNow =
      answer.value === null ? { question: step.id } : { question: step.id, value: answer.value };
    give({ ...given, remark: text }, false);
  };
  return (
    <div className={wantsCare ? 'dk-further' : 'dk-further is-quiet'}>
      <label htmlFor={id}>
        <span className="ink-3 small">{t(wantsCare ? 'probe' : 'remark')}</span>
        {wantsCare && <span>{step.probe ?? t('probeText')}</span>}
      </label>
      <input
        id={id}
        ref={field}
        className="dk-line"
        maxLength={500}
        disabled={!canAnswer}
        autoComplete="off"
        value={text}
        aria-label={t(wantsCare ? 'probeLabel' : 'remarkLabel')}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          save();
          goOn();
        }}
      />
    </div>
  );
}

/** To be read out as they are; in Chinese quotes, whatever language the desk is in: the patient hears them. */
function Phrases({ phrases }: { phrases: readonly string[] }) {
  const t = useWords(words);
  const sayWord = useSay();
  const shown =
    phrases.length > 0 ? phrases.map((phrase) => `“${phrase}”`) : PHRASES.map((word) => sayWord(word));
  return (
    <div className="dk-phrases">
      <span className="ink-3 small">{t('phrases')}</span>
      <ul>
        {shown.map((phrase) => (
          <li key={phrase}>{phrase}</li>
        ))}
      </ul>
    </div>
  );
}
