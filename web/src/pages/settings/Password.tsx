// The own password, changed while signed in.
import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { type FormEvent, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { Card } from '../../components/Card';
import { TextField } from '../../components/TextField';
import { useWords } from '../../i18n';
import { SHORTEST } from './GivenPassword';
import { words } from './words';

export default function Password() {
  const t = useWords(words);
  const [typed, setTyped] = useState({ old: '', fresh: '', again: '' });
  const [fault, setFault] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: () => ask(api.PUT('/api/session/password', { body: { old: typed.old, new: typed.fresh } })),
    onSuccess: () => setTyped({ old: '', fresh: '', again: '' }),
    onError: (error) => {
      const refused = ApiError.of(error);
      setFault(refused.triesLeft === undefined ? refused.message : t('oldWrong', { n: refused.triesLeft }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong =
      typed.old === ''
        ? t('missing', { field: t('old') })
        : [...typed.fresh].length < SHORTEST
          ? t('tooShort')
          : typed.fresh !== typed.again
            ? t('differ')
            : null;
    setFault(wrong);
    if (wrong === null) change.mutate();
  };
  const field = (key: 'old' | 'fresh' | 'again', label: string) => (
    <TextField
      label={label}
      type="password"
      autoComplete={key === 'old' ? 'current-password' : 'new-password'}
      maxLength={1000}
      value={typed[key]}
      change={(value) => setTyped({ ...typed, [key]: value })}
    />
  );
  return (
    <Card title={t('passwordWhat')}>
      <form className="form" onSubmit={submit} style={{ padding: 14, width: 'min(360px, 100%)' }}>
        {field('old', t('old'))}
        {field('fresh', t('newPassword'))}
        {field('again', t('again'))}
        <div role="alert">{fault !== null && <p className="fault-text">{fault}</p>}</div>
        <div role="status">{change.isSuccess && fault === null && <p>{t('changed')}</p>}</div>
        <div>
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t('change')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
