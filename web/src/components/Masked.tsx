// A masked field of a patient. Showing it asks a reason, is one request of its own that the daemon writes into the audit log, and
// lasts 60 seconds. What is copied from the page is the mask.
import { useMutation } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useEffect, useId, useState } from 'react';
import { ApiError } from '../api/error';
import { reveal } from '../api/reveal';
import { useMay } from '../api/session';
import { useWords } from '../i18n';
import './components.css';
import { ErrorLine } from './ErrorLine';
import { Icon } from './Icon';
import { words } from './words';

type MaskedField = 'name' | 'phone' | 'hospital_id' | 'visit_id';

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
  const id = useId();
  const may = useMay('reveal') !== null;
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [lacks, setLacks] = useState(false);
  const [shown, setShown] = useState<{ value: string; until: number } | null>(null);
  const [now, setNow] = useState(0);
  const ask = useMutation({
    mutationFn: (why: string) =>
      reveal(patient, { field, reason: why, ...(number === undefined ? {} : { number }) }),
    onSuccess: (value, why) => {
      reasons.set(patient, why);
      setAsking(false);
      setNow(Date.now());
      setShown({ value, until: Date.now() + SHOWN_MS });
    },
    onError: () => setAsking(true),
  });
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
    else ask.mutate(before);
  };
  const submit = () => {
    setLacks(reason.trim() === '');
    if (reason.trim() !== '') ask.mutate(reason.trim());
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
      <Modal
        open={asking}
        onCancel={() => setAsking(false)}
        title={t('reasonTitle', { field: named })}
        width={400}
        destroyOnHidden
        footer={[
          <Button key="cancel" onClick={() => setAsking(false)}>
            {t('cancel')}
          </Button>,
          <Button key="show" type="primary" loading={ask.isPending} onClick={submit}>
            {t('reveal')}
          </Button>,
        ]}
      >
        <label htmlFor={id}>{t('reason')}</label>
        <Input
          id={id}
          autoFocus
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={submit}
        />
        {lacks && (
          <p className="fault-text" role="alert">
            {t('reasonMissing')}
          </p>
        )}
        {ask.error !== null && <ErrorLine error={ApiError.of(ask.error)} />}
        <p className="ink-3 small" style={{ marginTop: 8 }}>
          {t('reasonNote')}
        </p>
      </Modal>
    </span>
  );
}

function copyMask(event: React.ClipboardEvent, mask: string): void {
  event.preventDefault();
  event.clipboardData.setData('text/plain', mask);
}
