// A number that nobody is to call.
import { useQueryClient } from '@tanstack/react-query';
import { Input, Segmented } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import { words } from './words';

type Level = 'always' | 'purpose' | 'campaign';

export function AddEntry({ close }: { close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [number, setNumber] = useState('');
  const [level, setLevel] = useState<Level>('always');
  const [only, setOnly] = useState('');
  return (
    <ActDialog
      title={t('add')}
      act={t('save')}
      reason={t('reason')}
      hasOwnFocus
      reasonHint={t('addEffect')}
      isBlocked={number.trim() === '' || (level !== 'always' && only.trim() === '')}
      run={(reason) =>
        ask(
          api.POST('/api/do-not-call', {
            body: { number, level, only: level === 'always' ? null : only, reason },
          }),
        )
      }
      done={() => queries.invalidateQueries({ queryKey: ['do-not-call'] })}
      close={close}
    >
      <label htmlFor={`${id}-number`}>{t('number')}</label>
      <Input
        id={`${id}-number`}
        autoFocus
        inputMode="tel"
        maxLength={40}
        value={number}
        onChange={(event) => setNumber(event.target.value)}
      />
      <span id={`${id}-level`}>{t('level')}</span>
      <Segmented
        aria-labelledby={`${id}-level`}
        value={level}
        onChange={setLevel}
        options={[
          { value: 'always', label: t('always') },
          { value: 'purpose', label: t('purpose') },
          { value: 'campaign', label: t('campaign') },
        ]}
      />
      {level !== 'always' && (
        <Input
          maxLength={200}
          placeholder={t('only')}
          aria-label={t('only')}
          value={only}
          onChange={(event) => setOnly(event.target.value)}
        />
      )}
    </ActDialog>
  );
}
