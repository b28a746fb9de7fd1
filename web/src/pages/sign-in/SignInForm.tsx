// Account and password. What the daemon answers becomes one sentence above the button.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, type InputRef } from 'antd';
import { type FormEvent, useRef, useState } from 'react';
import { api, ask, carryCsrf } from '../../api/client';
import { ApiError } from '../../api/error';
import { SESSION } from '../../api/session';
import { TextField } from '../../components/TextField';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { Fault } from './Fault';
import { PasswordField } from './PasswordField';
import { words } from './words';

export function SignInForm() {
  const t = useWords(words);
  const queries = useQueryClient();
  const passwordField = useRef<InputRef>(null);
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const signIn = useMutation({
    mutationFn: () => ask(api.POST('/api/session', { body: { account: account.trim(), password } })),
    onSuccess: (session) => {
      carryCsrf(session.csrf);
      queries.setQueryData(SESSION, session);
    },
    onError: () => {
      setPassword('');
      passwordField.current?.focus();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (signIn.isPending) return;
    const lacks = account.trim() === '' ? t('accountMissing') : password === '' ? t('passwordMissing') : null;
    setMissing(lacks);
    if (lacks === null) signIn.mutate();
    else signIn.reset();
  };
  const fault = missing ?? (signIn.error === null ? null : <Refusal error={ApiError.of(signIn.error)} />);
  return (
    <form className="card door-card" onSubmit={submit} aria-label={t('title')}>
      <TextField
        label={t('account')}
        size="large"
        autoFocus
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        value={account}
        change={setAccount}
      />
      <PasswordField label={t('password')} value={password} change={setPassword} ref={passwordField} />
      <Fault>{fault}</Fault>
      <Button type="primary" size="large" htmlType="submit" loading={signIn.isPending} block>
        {t('signIn')}
      </Button>
    </form>
  );
}

function Refusal({ error }: { error: ApiError }) {
  const t = useWords(words);
  const times = useTimes();
  if (error.isUnreachable) return t('unreachable');
  if (error.status === 429) return t('tooMany', { until: times.clock(error.untilAt) });
  if (error.status === 403) {
    if (error.untilAt !== undefined) {
      return (
        <>
          <p>{t('locked', { until: times.clock(error.untilAt) })}</p>
          <p className="small">{t('unlock')}</p>
        </>
      );
    }
    if (error.triesLeft !== undefined) return t('wrongTries', { n: error.triesLeft });
    return t('wrong');
  }
  return t('failed', { detail: error.message });
}
