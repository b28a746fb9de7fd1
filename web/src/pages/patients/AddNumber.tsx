// A number to enter: whose it is, and whether it is called first.
import { useQueryClient } from '@tanstack/react-query';
import { Checkbox } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { PhoneField } from '../../components/PhoneField';
import { SegmentedField } from '../../components/SegmentedField';
import { TextField } from '../../components/TextField';
import { useSay, useWords } from '../../i18n';
import { ownerOf } from './names';
import { words } from './words';

const OWNERS = ['self', 'kin'] as const;

export function AddNumber({ patient, close }: { patient: number; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const queries = useQueryClient();
  const [number, setNumber] = useState('');
  const [owner, setOwner] = useState<(typeof OWNERS)[number]>('self');
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
      <PhoneField label={t('number')} value={number} change={setNumber} />
      <SegmentedField
        label={t('owner')}
        choices={OWNERS.map((known) => ({ value: known, label: sayWord(ownerOf({ owner: known })) }))}
        value={owner}
        change={setOwner}
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
