// The dialogs of the scorecard: an appeal, and the correction of an answer with its reason.
import { Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { ApiError } from '../../api/error';
import { ActDialog } from '../../components/ActDialog';
import { ChoiceField } from '../../components/ChoiceField';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import css from './Scorecard.module.css';
import {
  type AnswerKind,
  appeal,
  type Correctable,
  type Correction,
  useChange,
  useCorrect,
  useCorrections,
} from './ScorecardData';
import { words } from './ScorecardWords';

export function Appealing({
  callId,
  review,
  onClose,
}: {
  callId: number;
  review: number;
  onClose: () => void;
}) {
  const t = useWords(words);
  const sending = useChange(callId, (why: string) => appeal(review, why));
  return (
    <ActDialog
      title={t('appeal')}
      act={t('appealSend')}
      effect={t('appealEffect')}
      reason={t('appealWhy')}
      reasonRows={2}
      run={(why) => sending.mutateAsync(why.replace(/\s+/g, ' '))}
      close={onClose}
    />
  );
}

const KINDS: readonly Exclude<AnswerKind, 'value'>[] = ['refused', 'silent', 'invalid'];

/** An answer in words. */
function useSaying() {
  const t = useWords(words);
  return (kind: string, value: number | null | undefined, label: string | null | undefined): string => {
    if (kind === 'refused' || kind === 'silent' || kind === 'invalid') return t(kind);
    return label == null || label === '' ? String(value ?? '') : `[${value}] ${label}`;
  };
}

/** What stands there now: the latest correction, else the answer. */
export function presentOf(answer: Correctable, corrections: readonly Correction[]) {
  return corrections.filter((one) => one.question === answer.question).at(-1) ?? answer;
}

export function Correcting({ callId, onClose }: { callId: number; onClose: () => void }) {
  const t = useWords(words);
  const times = useTimes();
  const saying = useSaying();
  const { data, error } = useCorrections(callId);
  const correct = useCorrect(callId);
  const [question, setQuestion] = useState<string | null>(null);
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const fields = useId();
  const answers = data?.answers ?? [];
  const answer = answers.find((one) => one.question === question) ?? answers[0];
  const kind: AnswerKind = KINDS.find((one) => one === to) ?? 'value';
  const value = kind === 'value' && /^\d{1,9}$/.test(to) ? Number(to) : null;
  const ready = answer !== undefined && reason.trim() !== '' && (kind !== 'value' || value !== null);
  const failure = error ?? correct.error;
  return (
    <Modal
      open
      title={t('correct')}
      okText={t('correctSend')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !ready, loading: correct.isPending }}
      onCancel={onClose}
      onOk={() => {
        if (answer === undefined) return;
        correct.mutate(
          { question: answer.question, kind, value, reason: reason.trim().replace(/\s+/g, ' ') },
          { onSuccess: onClose },
        );
      }}
    >
      {data !== undefined && answer === undefined && <p>{t('noAnswers')}</p>}
      {answer !== undefined && data !== undefined && (
        <div className={`beside ${css.form}`}>
          <label htmlFor={`${fields}q`}>{t('question')}</label>
          <ChoiceField
            id={`${fields}q`}
            label={t('question')}
            choices={answers.map((one) => ({ value: one.question, label: one.title }))}
            value={answer.question}
            change={(asked) => {
              setQuestion(asked);
              setTo('');
            }}
          />
          <span>{t('original')}</span>
          <span>{saying(answer.kind, answer.value, answer.label)}</span>
          <label htmlFor={`${fields}v`}>{t('corrected')}</label>
          <Choices
            id={`${fields}v`}
            answer={answer}
            now={presentOf(answer, data.items)}
            value={to}
            onChange={setTo}
          />
          <label htmlFor={`${fields}r`}>{t('reason')}</label>
          <textarea
            id={`${fields}r`}
            className={css.noteField}
            rows={2}
            maxLength={1000}
            placeholder={t('reasonPlace')}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
      )}
      <p className={css.hint}>{t('correctEffect')}</p>
      {data !== undefined && data.items.length > 0 && (
        <section className={css.others}>
          <h4>{t('history')}</h4>
          {data.items.map((one) => (
            <p key={one.id} className={css.note}>
              {answers.find((known) => known.question === one.question)?.title ?? one.question}：
              <del>{saying(one.old_kind, one.old_value, one.old_label)}</del>{' '}
              {saying(one.kind, one.value, one.label)} · {one.reason} · {one.who} {times.minute(one.at)}
            </p>
          ))}
        </section>
      )}
      {failure !== null && (
        <p className={css.detail} role="alert">
          {ApiError.of(failure).detail}
        </p>
      )}
    </Modal>
  );
}

function Choices({
  id,
  answer,
  now,
  value,
  onChange,
}: {
  id: string;
  answer: Correctable;
  now: { kind: string; value?: number | null };
  value: string;
  onChange: (value: string) => void;
}) {
  const t = useWords(words);
  const isNow = (kind: string, code: number | null): boolean =>
    now.kind === kind && (kind !== 'value' || (now.value ?? null) === code);
  const kinds = KINDS.filter((kind) => !isNow(kind, null)).map((kind) => ({ value: kind, label: t(kind) }));
  const { min, max } = answer;
  const numbers =
    answer.options.length > 0
      ? answer.options
      : min != null && max != null && max - min <= 20
        ? Array.from({ length: max - min + 1 }, (_, step) => ({ value: min + step, label: '' }))
        : [];
  return (
    <span className={css.choices}>
      <ChoiceField
        id={id}
        label={t('corrected')}
        any="—"
        choices={[
          ...numbers
            .filter((option) => !isNow('value', option.value))
            .map((option) => ({
              value: String(option.value),
              label: option.label === '' ? String(option.value) : `[${option.value}] ${option.label}`,
            })),
          ...kinds,
        ]}
        value={value === '' || KINDS.some((one) => one === value) || numbers.length > 0 ? value : ''}
        change={onChange}
      />
      {numbers.length === 0 && min != null && max != null && (
        <Input
          inputMode="numeric"
          aria-label={t('range', { min, max })}
          placeholder={t('range', { min, max })}
          value={/^\d*$/.test(value) ? value : ''}
          onChange={(event) => onChange(event.target.value.replace(/\D/g, ''))}
        />
      )}
    </span>
  );
}
