// Number repair: patients whom no number reaches; a new number is found, checked, entered, and the case queued again.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { type Column, CursorTable } from '../../components/CursorTable';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine } from '../../components/ErrorLine';
import { useSay, useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { AddNumber } from '../patients/AddNumber';
import { Lists } from '../patients/Lists';
import { nameOf, numberStates, outcomes } from '../patients/names';
import '../patients/patients.css';
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
      width: 'minmax(100px, 1fr)',
      cell: (row) => <Link to={`/patients/${row.patient_id}`}>{row.name ?? row.patient_no ?? '—'}</Link>,
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(90px, 0.8fr)',
      cell: (row) => row.department ?? '—',
    },
    {
      key: 'bad',
      title: t('bad'),
      width: 'minmax(240px, 2fr)',
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
      width: 'minmax(90px, 0.8fr)',
      cell: (row) =>
        row.called_from.length === 0 ? (
          <span className="ink-3">{t('none')}</span>
        ) : (
          row.called_from.join('、')
        ),
    },
    { key: 'campaign', title: t('campaign'), width: 'minmax(90px, 0.9fr)', cell: (row) => row.campaign },
    {
      key: 'outcome',
      title: t('outcome'),
      width: '80px',
      cell: (row) => (row.outcome ? sayWord(nameOf(outcomes, row.outcome)) : t('open')),
    },
    { key: 'deadline', title: t('deadline'), width: '100px', cell: (row) => times.minute(row.deadline_at) },
    {
      key: 'act',
      title: <span className="unseen">{t('add')}</span>,
      width: '170px',
      align: 'right',
      cell: (row) => <Act row={row} add={() => setAdding(row.patient_id)} />,
    },
  ];
  return (
    <>
      <PageHeader title={t('title')} context={t('steps')} />
      <div className="fill p-page">
        <Lists />
        <div className="p-filters">
          <Select
            aria-label={t('state')}
            value={state ?? ''}
            className="p-select"
            onChange={(value) => setParams(value === '' ? {} : { state: value })}
            options={[
              { value: '', label: t('any') },
              ...STATES.map((known) => ({ value: known, label: sayWord(nameOf(numberStates, known)) })),
            ]}
          />
        </div>
        <section className="card p-results">
          <CursorTable
            label={t('title')}
            columns={columns}
            {...table}
            rowKey={(row) => row.patient_id}
            rowHeight={36}
            empty={<EmptyLine>{t('empty')}</EmptyLine>}
          />
        </section>
        {adding !== null && <AddNumber patient={adding} open close={() => setAdding(null)} />}
      </div>
    </>
  );
}

function Act({ row, add }: { row: Repair; add: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => ask(api.POST('/api/cases/{id}/requeue', { params: { path: { id: row.case_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['number-repair'] }),
  });
  if (again.error !== null) return <ErrorLine error={again.error} />;
  return (
    <span className="p-row p-acts">
      <Button size="small" onClick={add}>
        {t('add')}
      </Button>
      {row.good > 0 && (
        <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>
          {again.isSuccess ? t('requeued') : row.outcome ? t('again') : t('requeue')}
        </Button>
      )}
    </span>
  );
}
