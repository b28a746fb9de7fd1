// Number repair: patients whom no number reaches; a new number is found, checked, entered, and the case queued again.
import { Button } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { ChoiceField } from '../../components/ChoiceField';
import type { Column } from '../../components/CursorTable';
import { DeedButton } from '../../components/DeedButton';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { AddNumber } from '../patients/AddNumber';
import { ListPage } from '../patients/ListPage';
import { nameOf, numberStates, outcomes } from '../patients/names';
import { words } from './words';

type Repair = components['schemas']['Repair'];
type State = 'suspect' | 'vacant' | 'suspended' | 'wrong';

const STATES: readonly State[] = ['vacant', 'suspended', 'wrong', 'suspect'];

export default function NumberRepair() {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const [params, setParams] = useSearchParams();
  const [adding, setAdding] = useState<number | null>(null);
  const state = STATES.find((known) => known === params.get('state'));
  const { table } = usePages(['number-repair', state ?? ''], (cursor, signal) =>
    ask(
      api.GET('/api/number-repair', {
        params: { query: { ...(state === undefined ? {} : { state }), ...cursor } },
        signal,
      }),
    ),
  );
  const columns: readonly Column<Repair>[] = [
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(70px, 1fr)',
      cell: (row) => <Link to={`/patients/${row.patient_id}`}>{row.name ?? row.patient_no ?? '—'}</Link>,
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(90px, 0.8fr)',
      wideOnly: true,
      cell: (row) => row.department ?? '—',
    },
    {
      key: 'bad',
      title: t('bad'),
      width: 'minmax(174px, 2fr)',
      cell: (row) => (
        <span className="p-cut">
          {row.bad.map((number) => (
            <span key={number.number} className="p-bad">
              {number.number}{' '}
              <span className="tag tag-warn">{sayWord(nameOf(numberStates, number.state))}</span>
            </span>
          ))}
        </span>
      ),
    },
    {
      key: 'good',
      title: t('left'),
      width: '70px',
      align: 'right',
      cell: (row) => (row.good === 0 ? <b>0</b> : row.good),
    },
    {
      key: 'called',
      title: t('called'),
      width: 'minmax(84px, 0.8fr)',
      cell: (row) =>
        row.called_from.length === 0 ? (
          <span className="ink-3">{t('none')}</span>
        ) : (
          row.called_from.join('、')
        ),
    },
    { key: 'campaign', title: t('campaign'), width: 'minmax(64px, 0.9fr)', cell: (row) => row.campaign },
    {
      key: 'outcome',
      title: t('outcome'),
      width: '84px',
      cell: (row) => (row.outcome ? sayWord(nameOf(outcomes, row.outcome)) : t('open')),
    },
    {
      key: 'deadline',
      title: t('deadline'),
      width: 'minmax(84px, 0.6fr)',
      cell: (row) => times.minute(row.deadline_at),
    },
    {
      key: 'act',
      title: <span className="unseen">{t('add')}</span>,
      width: '200px',
      align: 'right',
      cell: (row) => <Act row={row} add={() => setAdding(row.patient_id)} />,
    },
  ];
  return (
    <ListPage
      title={t('title')}
      context={t('steps')}
      filters={
        <ChoiceField
          className="p-select"
          label={t('state')}
          any={t('any')}
          choices={STATES.map((known) => ({ value: known, label: sayWord(nameOf(numberStates, known)) }))}
          value={state ?? ''}
          change={(value) => setParams(value === '' ? {} : { state: value })}
        />
      }
      columns={columns}
      {...table}
      rowKey={(row) => row.patient_id}
      rowHeight={36}
      empty={t('empty')}
    >
      {adding !== null && <AddNumber patient={adding} close={() => setAdding(null)} />}
    </ListPage>
  );
}

function Act({ row, add }: { row: Repair; add: () => void }) {
  const t = useWords(words);
  return (
    <span className="p-row p-acts">
      <Button size="small" onClick={add}>
        {t('add')}
      </Button>
      {row.good > 0 && (
        <DeedButton
          run={() => ask(api.POST('/api/cases/{id}/requeue', { params: { path: { id: row.case_id } } }))}
          renews={['number-repair']}
        >
          {row.outcome ? t('again') : t('requeue')}
        </DeedButton>
      )}
    </span>
  );
}
