// The telephone numbers of a patient in their rank, with what is known of each; who may repairs them here.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Masked } from '../../components/Masked';
import { useSay, useWords } from '../../i18n';
import { AddNumber } from './AddNumber';
import { nameOf, numberStates, ownerOf } from './names';
import type { PatientPage } from './timeline';
import { words } from './words';

type NumberShown = PatientPage['numbers'][number];
type State = 'ok' | 'suspect' | 'vacant' | 'suspended' | 'wrong';

const STATES: readonly State[] = ['ok', 'suspect', 'vacant', 'suspended', 'wrong'];

export function Numbers({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const mayRepair = useMay('repair_numbers') !== null;
  const [adding, setAdding] = useState(false);
  const add = mayRepair ? (
    <Button size="small" onClick={() => setAdding(true)}>
      {t('addNumber')}
    </Button>
  ) : undefined;
  return (
    <Card title={t('numbers')} extra={add}>
      {page.numbers.length === 0 && <p className="p-pad ink-2">{t('noNumber')}</p>}
      <ul className="p-numbers">
        {page.numbers.map((number) => (
          <li key={number.id}>
            <OneNumber patient={page.id} number={number} mayRepair={mayRepair} />
          </li>
        ))}
      </ul>
      {adding && <AddNumber patient={page.id} close={() => setAdding(false)} />}
    </Card>
  );
}

function OneNumber({
  patient,
  number,
  mayRepair,
}: {
  patient: number;
  number: NumberShown;
  mayRepair: boolean;
}) {
  const t = useWords(words);
  const sayWord = useSay();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (state: State) =>
      ask(api.PATCH('/api/numbers/{id}', { params: { path: { id: number.id } }, body: { state } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['patient', patient] }),
  });
  const owner = sayWord(ownerOf(number));
  const named = sayWord(nameOf(numberStates, number.state));
  return (
    <>
      <div className="p-row">
        <Masked patient={patient} field="phone" number={number.id}>
          {number.number}
        </Masked>
        <span className="ink-2 small">{owner}</span>
        {number.listed && <span className="tag tag-bad">{t('listed')}</span>}
      </div>
      {mayRepair ? (
        <Select<State | null>
          size="small"
          variant="borderless"
          className={number.state === 'ok' ? '' : 'p-bad-number'}
          value={STATES.find((state) => state === number.state) ?? null}
          loading={change.isPending}
          aria-label={t('stateOf')}
          options={STATES.map((state) => ({ value: state, label: sayWord(nameOf(numberStates, state)) }))}
          onChange={(state) => state !== null && change.mutate(state)}
        />
      ) : (
        <span className={number.state === 'ok' ? 'ink-2' : 'tag tag-warn'}>{named}</span>
      )}
      {change.error !== null && <ErrorLine error={change.error} />}
    </>
  );
}
