// Disable, enable, give a password: the dialog names the effect, and the reason goes into the audit log.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import { GivenPassword, SHORTEST } from './GivenPassword';
import { type Account, PEOPLE } from './People';
import { words } from './words';

export type DeedOn = { kind: 'lock' | 'unlock' | 'reset'; account: Account };

export function DeedDialog({ on: { kind, account }, close }: { on: DeedOn; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const params = { path: { id: account.id } };
  const run = (reason: string): Promise<unknown> => {
    const body = { reason };
    switch (kind) {
      case 'lock':
        return ask(api.POST('/api/people/{id}/lock', { params, body }));
      case 'unlock':
        return ask(api.POST('/api/people/{id}/unlock', { params, body }));
      case 'reset':
        return ask(api.POST('/api/people/{id}/password', { params, body: { ...body, password } }));
    }
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
    <ActDialog
      title={title[kind]}
      act={act[kind]}
      effect={effect[kind]}
      isDanger={kind === 'lock'}
      reason={t('reason')}
      reasonHint={t('reasonHint')}
      hasOwnFocus={kind === 'reset'}
      isBlocked={kind === 'reset' && [...password].length < SHORTEST}
      run={run}
      done={() => queries.invalidateQueries({ queryKey: PEOPLE })}
      close={close}
      explain={(error) =>
        ApiError.of(error).status === 409 ? <p className="fault-text">{t('lastAdministrator')}</p> : undefined
      }
    >
      {kind === 'reset' && (
        <GivenPassword label={t('newPassword')} autoFocus value={password} change={setPassword} />
      )}
    </ActDialog>
  );
}
