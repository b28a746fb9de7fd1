// A number that nobody is to call.
import { useQueryClient } from '@tanstack/react-query';
import { Input } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { PhoneField } from '../../components/PhoneField';
import { SegmentedField } from '../../components/SegmentedField';
import { useWords } from '../../i18n';
import { words } from './words';

export const LEVELS = ['always', 'purpose', 'campaign'] as const;

export function AddEntry({ close }: { close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [number, setNumber] = useState('');
  const [level, setLevel] = useState<(typeof LEVELS)[number]>('always');
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
      <PhoneField label={t('number')} value={number} change={setNumber} />
      <SegmentedField
        label={t('level')}
        choices={LEVELS.map((known) => ({ value: known, label: t(known) }))}
        value={level}
        change={setLevel}
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
