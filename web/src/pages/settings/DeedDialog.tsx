// Disable, enable, give a password: the dialog names the effect, and the reason goes into the audit log.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import { type Account, PEOPLE } from './People';
import { drawPassword } from './password-draw';
import { words } from './words';

export type DeedOn = { kind: 'lock' | 'unlock' | 'reset'; account: Account };

export function DeedDialog({ on: { kind, account }, close }: { on: DeedOn; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const params = { path: { id: account.id } };
  const deed = useMutation({
    mutationFn: () => {
      const body = { reason: reason.trim() };
      switch (kind) {
        case 'lock':
          return ask(api.POST('/api/people/{id}/lock', { params, body }));
        case 'unlock':
          return ask(api.POST('/api/people/{id}/unlock', { params, body }));
        case 'reset':
          return ask(api.POST('/api/people/{id}/password', { params, body: { ...body, password } }));
      }
    },
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (deed.isPending) return;
    const wrong =
      kind === 'reset' && [...password].length < 10
        ? t('tooShort')
        : reason.trim() === ''
          ? t('missing', { field: t('reason') })
          : null;
    setFault(wrong);
    if (wrong === null) deed.mutate();
  };
  const { name, sessions } = account;
  const title = {
    lock: t('lockTitle', { name }),
    unlock: t('unlockTitle', { name }),
    reset: t('resetTitle', { name }),
  };
  const effect = {
    lock: t('lockEffect', { n: sessions }),
    unlock: t('unlockEffect'),
    reset: t('resetEffect', { n: sessions }),
  };
  const act = { lock: t('lockNow'), unlock: t('unlock'), reset: t('reset') };
  return (
    <Modal
      open
      onCancel={close}
      width={420}
      title={title[kind]}
      closable={{ 'aria-label': t('close') }}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="do"
          type="primary"
          danger={kind === 'lock'}
          loading={deed.isPending}
          onClick={() => submit()}
        >
          {act[kind]}
        </Button>,
      ]}
    >
      <form className="form" onSubmit={submit}>
        <p>{effect[kind]}</p>
        {kind === 'reset' && (
          <div className="form-field">
            <label htmlFor={`${id}-password`}>{t('newPassword')}</label>
            <Input
              id={`${id}-password`}
              autoFocus
              autoComplete="off"
              maxLength={128}
              className="mono"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              suffix={
                <button type="button" className="plain small" onClick={() => setPassword(drawPassword())}>
                  {t('draw')}
                </button>
              }
            />
            <p className="form-hint">{t('passwordHint')}</p>
          </div>
        )}
        <div className="form-field">
          <label htmlFor={`${id}-reason`}>{t('reason')}</label>
          <Input
            id={`${id}-reason`}
            autoFocus={kind !== 'reset'}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <p className="form-hint">{t('reasonHint')}</p>
        </div>
        <div role="alert">
          {fault !== null && <p className="fault-text">{fault}</p>}
          {fault === null &&
            deed.isError &&
            (ApiError.of(deed.error).status === 409 ? (
              <p className="fault-text">{t('lastAdministrator')}</p>
            ) : (
              <ErrorLine error={deed.error} />
            ))}
        </div>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}
