// A masked field of a patient. Showing it asks a reason, is one request of its own that the daemon writes into the audit log, and
// lasts 60 seconds. What is copied from the page is the mask.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { reveal } from '../api/reveal';
import { useMay } from '../api/session';
import { useWords } from '../i18n';
import { ActDialog } from './ActDialog';
import './components.css';
import { ErrorLine } from './ErrorLine';
import { Icon } from './Icon';
import { words } from './words';

/** The fields as pages call them, and as the daemon does. */
const FIELDS = { name: 'name', phone: 'number', hospital_id: 'patient_no' } as const;

type MaskedField = keyof typeof FIELDS;

const SHOWN_MS = 60_000;

/** The reasons given in this visit, so that one patient asks only once. */
const reasons = new Map<number, string>();

export function Masked({
  children,
  patient,
  field,
  number,
}: {
  /** The mask, as the API gives it. */
  children: string;
  /** Whose; without one (no patient, or nothing to show) the mask stands alone. */
  patient?: number;
  field?: MaskedField;
  /** Which of the patient's numbers. */
  number?: number;
}) {
  if (patient === undefined || field === undefined) return <span className="nowrap">{children}</span>;
  return (
    <Revealing patient={patient} field={field} {...(number === undefined ? {} : { number })}>
      {children}
    </Revealing>
  );
}

function Revealing({
  children,
  patient,
  field,
  number,
}: {
  children: string;
  patient: number;
  field: MaskedField;
  number?: number;
}) {
  const t = useWords(words);
  const may = useMay('reveal') !== null;
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState<{ value: string; until: number } | null>(null);
  const [now, setNow] = useState(0);
  const show = async (reason: string) => {
    const value = await reveal(patient, { field: FIELDS[field], reason, id: number ?? null });
    reasons.set(patient, reason);
    setNow(Date.now());
    setShown({ value, until: Date.now() + SHOWN_MS });
  };
  const again = useMutation({ mutationFn: show, onError: () => setAsking(true) });
  useEffect(() => {
    if (shown === null) return;
    const clock = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= shown.until) setShown(null);
    }, 1_000);
    return () => clearInterval(clock);
  }, [shown]);
  if (shown !== null) {
    const left = Math.max(0, Math.ceil((shown.until - now) / 1000));
    return (
      <span className="masked" onCopy={(event) => copyMask(event, children)}>
        <b>{shown.value}</b>
        <span className="ink-3 small" role="status">
          <Icon name="lock" size={12} /> {t('logged')} ·{' '}
          <span aria-hidden="true">{t('secondsLeft', { n: left })}</span>
        </span>
      </span>
    );
  }
  const named = t(field);
  const begin = () => {
    const before = reasons.get(patient);
    if (before === undefined) setAsking(true);
    else again.mutate(before);
  };
  return (
    <span className="masked">
      {children}
      {may && (
        <button
          type="button"
          className="masked-show"
          aria-label={t('showField', { field: named })}
          onClick={begin}
        >
          <Icon name="eye" size={14} />
        </button>
      )}
      {asking && (
        <ActDialog
          title={t('reasonTitle', { field: named })}
          act={t('reveal')}
          reason={t('reason')}
          reasonHint={t('reasonNote')}
          run={show}
          close={() => setAsking(false)}
        >
          {again.error !== null && <ErrorLine error={again.error} />}
        </ActDialog>
      )}
    </span>
  );
}

function copyMask(event: React.ClipboardEvent, mask: string): void {
  event.preventDefault();
  event.clipboardData.setData('text/plain', mask);
}
