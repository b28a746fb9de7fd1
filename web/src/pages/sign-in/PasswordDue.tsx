// The password was given by somebody else: it is changed here, in place, before anything else.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { type FormEvent, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { SESSION } from '../../api/session';
import { useWords } from '../../i18n';
import { Fault } from './Fault';
import { PasswordField } from './PasswordField';
import { words } from './words';

const SHORTEST = 10;

export function PasswordDue() {
  const t = useWords(words);
  const queries = useQueryClient();
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: () => ask(api.PUT('/api/session/password', { body: { old, new: fresh } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: SESSION }),
    onError: (error) => {
      const refused = ApiError.of(error);
      if (refused.status === 403 && refused.triesLeft !== undefined)
        setFault(t('oldWrongTries', { n: refused.triesLeft }));
      else if (refused.status === 403) setFault(t('oldWrong'));
      else setFault(refused.message);
    },
  });
  const signOut = useMutation({
    mutationFn: () => ask(api.DELETE('/api/session')),
    onSettled: () => queries.setQueryData(SESSION, null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    const wrong = [...fresh].length < SHORTEST ? t('tooShort') : fresh !== again ? t('differ') : null;
    setFault(wrong);
    if (wrong === null) change.mutate();
  };
  return (
    <form className="card door-card" onSubmit={submit} aria-label={t('dueTitle')}>
      <div>
        <h2>{t('dueTitle')}</h2>
        <p className="ink-2">{t('dueWhy')}</p>
      </div>
      <PasswordField label={t('old')} value={old} change={setOld} />
      <PasswordField label={t('fresh')} value={fresh} change={setFresh} isNew hint={t('freshHint')} />
      <PasswordField label={t('again')} value={again} change={setAgain} isNew />
      <Fault>{fault}</Fault>
      <Button type="primary" size="large" htmlType="submit" loading={change.isPending} block>
        {t('change')}
      </Button>
      <button type="button" className="plain" onClick={() => signOut.mutate()}>
        {t('signOut')}
      </button>
    </form>
  );
}
