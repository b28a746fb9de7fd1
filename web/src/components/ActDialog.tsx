// Doing something that counts: the dialog names the effect, asks for a reason where the audit log wants one, and shows what the
// daemon answers.
import { useMutation } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useWords } from '../i18n';
import './components.css';
import { ErrorLine } from './ErrorLine';
import { TextField } from './TextField';
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
  /** How high its field is; one: Enter does the deed. */
  reasonRows?: number;
  /** Reasons that are common: one click gives it and does it. The first is what is written down, the second what is shown. */
  offers?: readonly (readonly [string, string])[];
  /** It ends or hurts something. */
  isDanger?: boolean;
  /** The fields are not filled yet. */
  isBlocked?: boolean;
  /** What the fields still lack, said when somebody goes on without it; null: nothing. */
  check?: () => string | null;
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

/** What the daemon takes: of a line, and of a text. */
const LETTERS = { line: 200, text: 1000 };

export function ActDialog({
  title,
  act,
  effect,
  reason: asksFor,
  reasonHint,
  reasonRows = 1,
  offers = [],
  isDanger = false,
  isBlocked = false,
  check,
  hasOwnFocus = false,
  width = 420,
  children,
  run,
  done,
  close,
  explain,
}: ActDialogProps) {
  const t = useWords(words);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
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
    if (!isReady) return;
    const lacks = check?.() ?? null;
    setFault(lacks);
    if (lacks === null) deed.mutate(reason);
    else deed.reset();
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
          <TextField
            label={asksFor}
            hint={reasonHint}
            rows={reasonRows}
            autoFocus={!hasOwnFocus}
            maxLength={reasonRows > 1 ? LETTERS.text : LETTERS.line}
            value={reason}
            change={setReason}
          />
        )}
        <div role="alert">
          {fault !== null && <p className="fault-text">{fault}</p>}
          {deed.error !== null && (explain?.(deed.error) ?? <ErrorLine error={deed.error} />)}
        </div>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
