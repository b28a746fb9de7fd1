// Doing something that counts: the dialog names the effect, asks for a reason where the audit log wants one, and shows what the
// daemon answers.
import { useMutation } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useWords } from '../i18n';
import './components.css';
import { ErrorLine } from './ErrorLine';
import { words } from './words';

interface ActDialogProps {
  title: ReactNode;
  /** The words of the button that does it. */
  act: string;
  /** What will happen, before it does. */
  effect?: ReactNode;
  /** The label of the reason; without one none is asked for. */
  reason?: string;
  reasonHint?: string;
  /** Reasons that are common: one click gives it and does it. The first is what is written down, the second what is shown. */
  offers?: readonly (readonly [string, string])[];
  /** It ends or hurts something. */
  isDanger?: boolean;
  /** The fields are not filled yet. */
  isBlocked?: boolean;
  /** One of the fields takes the focus, not the reason. */
  hasOwnFocus?: boolean;
  width?: number;
  children?: ReactNode;
  /** Does it, with the reason. */
  run: (reason: string) => Promise<unknown>;
  done?: () => unknown;
  close: () => void;
  /** A refusal in other words than the daemon's. */
  explain?: (error: unknown) => ReactNode;
}

const LETTERS = 500;

export function ActDialog({
  title,
  act,
  effect,
  reason: asksFor,
  reasonHint,
  offers = [],
  isDanger = false,
  isBlocked = false,
  hasOwnFocus = false,
  width = 420,
  children,
  run,
  done,
  close,
  explain,
}: ActDialogProps) {
  const t = useWords(words);
  const id = useId();
  const [reason, setReason] = useState('');
  const deed = useMutation({
    mutationFn: (why: string) => run(why.trim()),
    onSuccess: () => {
      close();
      return done?.();
    },
  });
  const isReady = !isBlocked && !deed.isPending && (asksFor === undefined || reason.trim() !== '');
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (isReady) deed.mutate(reason);
  };
  return (
    <Modal
      open
      onCancel={close}
      title={title}
      width={width}
      closable={{ 'aria-label': t('cancel') }}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="act"
          type="primary"
          danger={isDanger}
          disabled={!isReady}
          loading={deed.isPending}
          onClick={() => submit()}
        >
          {act}
        </Button>,
      ]}
    >
      <form className="act-form" onSubmit={submit}>
        {effect !== undefined && <p className="act-effect">{effect}</p>}
        {children}
        {offers.length > 0 && (
          <div className="act-offers">
            {offers.map(([why, shown]) => (
              <Button key={why} size="small" disabled={deed.isPending} onClick={() => deed.mutate(why)}>
                {shown}
              </Button>
            ))}
          </div>
        )}
        {asksFor !== undefined && (
          <>
            <label htmlFor={id}>{asksFor}</label>
            <Input
              id={id}
              autoFocus={!hasOwnFocus}
              maxLength={LETTERS}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            {reasonHint !== undefined && <p className="ink-3 small">{reasonHint}</p>}
          </>
        )}
        {deed.error !== null && (explain?.(deed.error) ?? <ErrorLine error={deed.error} />)}
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
