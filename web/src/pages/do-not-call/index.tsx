// Do-not-call: whom nobody calls, why, since when; entered, taken off, taken in from a file.
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { ChoiceField } from '../../components/ChoiceField';
import { clearable } from '../../components/ClearSign';
import type { Column } from '../../components/CursorTable';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { ListPage } from '../patients/ListPage';
import { AddEntry, LEVELS } from './AddEntry';
import { EndEntry } from './EndEntry';
import { TakeFile } from './TakeFile';
import { words } from './words';

export type Entry = components['schemas']['BarredEntry'];

export default function DoNotCall() {
  const t = useWords(words);
  const times = useTimes();
  const [params, setParams] = useSearchParams();
  const [number, setNumber] = useState('');
  const [opened, setOpened] = useState<'add' | 'file' | null>(null);
  const [ending, setEnding] = useState<Entry | null>(null);
  const which = params.get('which') === 'all' ? 'all' : 'in_force';
  const level = LEVELS.find((known) => known === params.get('level'));
  const filter = (name: string, value: string) =>
    setParams((before) => {
      if (value === '') before.delete(name);
      else before.set(name, value);
      return before;
    });
  // The number stays out of the address: it would lead to a person.
  const { table } = usePages(['do-not-call', which, level ?? '', number], (cursor, signal) =>
    ask(
      api.GET('/api/do-not-call', {
        params: {
          query: {
            which,
            ...(level === undefined ? {} : { level }),
            ...(number === '' ? {} : { number }),
            ...cursor,
          },
        },
        signal,
      }),
    ),
  );
  const levelName = (level: string) => {
    const known = LEVELS.find((one) => one === level);
    return known === undefined ? level : t(known);
  };
  const sources: Record<string, string> = {
    key: t('ownWord'),
    attempt: t('ownWord'),
    console: t('fromConsole'),
  };
  const columns: readonly Column<Entry>[] = [
    {
      key: 'who',
      title: t('who'),
      width: 'minmax(120px, 1.2fr)',
      cell: (row) =>
        row.patient_id ? (
          <Link to={`/patients/${row.patient_id}`}>{row.name ?? row.patient_no ?? '—'}</Link>
        ) : (
          <b>{row.number ?? '—'}</b>
        ),
    },
    {
      key: 'level',
      title: t('level'),
      width: 'minmax(90px, 0.8fr)',
      cell: (row) => row.only ?? levelName(row.level),
    },
    {
      key: 'reason',
      title: t('reason'),
      width: 'minmax(110px, 1.4fr)',
      cell: (row) => row.reason ?? '—',
    },
    {
      key: 'source',
      title: t('source'),
      width: 'minmax(110px, 1fr)',
      cell: (row) => sources[row.source] ?? row.source,
    },
    { key: 'by', title: t('by'), width: 'minmax(80px, 0.6fr)', cell: (row) => row.who ?? '—' },
    {
      key: 'since',
      title: t('since'),
      width: 'minmax(84px, 0.7fr)',
      cell: (row) => times.minute(row.since_at),
    },
    {
      key: 'until',
      title: t('until'),
      width: 'minmax(90px, 1fr)',
      cell: (row) =>
        row.ended_at ? (
          <span className="ink-3">
            {t('ended', { at: times.day(row.ended_at), who: row.ended_by ?? '—' })}
          </span>
        ) : row.until_at ? (
          times.minute(row.until_at)
        ) : (
          t('forGood')
        ),
    },
    {
      key: 'end',
      title: <span className="unseen">{t('end')}</span>,
      width: '70px',
      align: 'right',
      cell: (row) =>
        row.ended_at ? null : (
          <button type="button" className="plain" onClick={() => setEnding(row)}>
            {t('end')}
          </button>
        ),
    },
  ];
  return (
    <ListPage
      title={t('title')}
      actions={
        <>
          <Button onClick={() => setOpened('file')}>{t('takeFile')}</Button>
          <Button type="primary" onClick={() => setOpened('add')}>
            {t('add')}
          </Button>
        </>
      }
      filters={
        <>
          <Segmented
            aria-label={t('which')}
            value={which}
            onChange={(value) => filter('which', value === 'all' ? 'all' : '')}
            options={[
              { value: 'in_force', label: t('inForce') },
              { value: 'all', label: t('all') },
            ]}
          />
          <ChoiceField
            className="p-select"
            label={t('level')}
            any={t('anyLevel')}
            choices={LEVELS.map((known) => ({ value: known, label: t(known) }))}
            value={level ?? ''}
            change={(value) => filter('level', value)}
          />
          <Input.Search
            allowClear={clearable}
            maxLength={40}
            inputMode="tel"
            className="p-find-number"
            placeholder={t('findNumber')}
            aria-label={t('findNumber')}
            enterButton={t('find')}
            onSearch={(text) => setNumber(text.trim())}
          />
        </>
      }
      columns={columns}
      {...table}
      rowKey={(row) => row.id}
      empty={number === '' ? t('empty') : t('emptyFound')}
    >
      {opened === 'add' && <AddEntry close={() => setOpened(null)} />}
      {opened === 'file' && <TakeFile close={() => setOpened(null)} />}
      {ending !== null && <EndEntry entry={ending} close={() => setEnding(null)} />}
    </ListPage>
  );
}
