// A number to enter: whose it is, and whether it is called first.
import { useQueryClient } from '@tanstack/react-query';
import { Checkbox, Segmented } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { TextField } from '../../components/TextField';
import { useWords } from '../../i18n';
import { words } from './words';

export function AddNumber({ patient, close }: { patient: number; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [number, setNumber] = useState('');
  const [owner, setOwner] = useState<'self' | 'kin'>('self');
  const [relation, setRelation] = useState('');
  const [first, setFirst] = useState(true);
  return (
    <ActDialog
      title={t('addNumber')}
      act={t('save')}
      width={400}
      isBlocked={number.trim() === ''}
      run={() =>
        ask(
          api.POST('/api/patients/{id}/numbers', {
            params: { path: { id: patient } },
            body: {
              number,
              owner,
              relation: owner === 'kin' && relation.trim() !== '' ? relation.trim() : null,
              rank: first ? 0 : null,
            },
          }),
        )
      }
      done={() => queries.invalidateQueries()}
      close={close}
    >
      <TextField
        label={t('number')}
        autoFocus
        inputMode="tel"
        maxLength={40}
        value={number}
        change={setNumber}
      />
      <span id={`${id}-owner`}>{t('owner')}</span>
      <Segmented
        aria-labelledby={`${id}-owner`}
        value={owner}
        onChange={setOwner}
        options={[
          { value: 'self', label: t('self') },
          { value: 'kin', label: t('kin') },
        ]}
      />
      {owner === 'kin' && (
        <TextField
          label={t('relation')}
          maxLength={20}
          placeholder={t('relationHint')}
          value={relation}
          change={setRelation}
        />
      )}
      <Checkbox checked={first} onChange={(event) => setFirst(event.target.checked)}>
        {t('first')}
      </Checkbox>
    </ActDialog>
  );
}
