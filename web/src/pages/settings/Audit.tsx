// The audit log: append-only, filtered, with the state of its chain. Nobody has a control that changes it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { csvFile, handOver } from '../../api/files';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { Card } from '../../components/Card';
import { clearable } from '../../components/ClearSign';
import { type Column, CursorTable } from '../../components/CursorTable';
import { DayField } from '../../components/DayField';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useSay, useWords } from '../../i18n';
import { count, NOTHING, useTimes } from '../../time';
import { dayEnd, dayStart } from '../../time/day';
import { deedName, deeds } from './deeds';
import { words } from './words';

type Entry = components['schemas']['AuditEntry'];

const EXPORT_ROWS = 50_000;
const FILTERS = ['who', 'deed', 'object', 'from', 'to'] as const;

export default function Audit() {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const [search, setSearch] = useSearchParams();
  const [opened, setOpened] = useState<Entry | null>(null);
  const given: Partial<Record<(typeof FILTERS)[number], string>> = {};
  for (const key of FILTERS) {
    const value = search.get(key);
    if (value) given[key] = value;
  }
  const { from, to, ...rest } = given;
  const query = {
    ...rest,
    ...(from === undefined ? {} : { from: dayStart(from, times.zone) }),
    ...(to === undefined ? {} : { to: dayEnd(to, times.zone) }),
    rows: 200,
  };
  const page = (cursor: string | null, signal?: AbortSignal) =>
    ask(
      api.GET('/api/audit', {
        params: { query: cursor === null ? query : { ...query, cursor } },
        ...(signal ? { signal } : {}),
      }),
    );
  const { found: audit, table } = usePages(['audit', given], ({ cursor }, signal) =>
    page(cursor ?? null, signal),
  );
  const chain = useQuery({
    queryKey: ['audit', 'chain'],
    queryFn: ({ signal }) => ask(api.GET('/api/audit/chain', { signal })),
  });
  const isFiltered = Object.keys(given).length > 0;
  const filter = (key: (typeof FILTERS)[number], value: string | null) => {
    const next = new URLSearchParams(search);
    if (value === null || value === '') next.delete(key);
    else next.set(key, value);
    setSearch(next, { replace: true });
  };
  const whoName = (entry: Entry) =>
    entry.who === '-'
      ? t('unknownWho')
      : entry.who.startsWith('os:')
        ? t('terminal', { name: entry.who.slice(3) })
        : entry.who;
  const [read, setRead] = useState(0);
  const exporting = useMutation({
    mutationFn: async () => {
      const found: Entry[] = [];
      let cursor: string | null = null;
      do {
        const one: { items: Entry[]; next?: string | null } = await page(cursor);
        found.push(...one.items);
        cursor = one.next ?? null;
        setRead(found.length);
      } while (cursor !== null && found.length < EXPORT_ROWS);
      const heads = [
        t('number'),
        t('when'),
        t('who'),
        t('did'),
        t('object'),
        t('reason'),
        t('address'),
        t('hash'),
        t('detail'),
      ];
      const lines = found.map((entry) => [
        entry.id,
        entry.at,
        entry.who,
        entry.deed,
        entry.object,
        entry.reason,
        entry.address,
        entry.hash,
        entry.detail === null || entry.detail === undefined ? '' : JSON.stringify(entry.detail),
      ]);
      handOver(`audit-${times.date(Date.now())}.csv`, csvFile(heads, lines));
      return cursor !== null;
    },
  });
  const columns: Column<Entry>[] = [
    { key: 'at', title: t('when'), width: '126px', cell: (entry) => times.second(entry.at) },
    { key: 'who', title: t('who'), width: 'minmax(90px, 1fr)', cell: (entry) => <b>{whoName(entry)}</b> },
    {
      key: 'deed',
      title: t('did'),
      width: 'minmax(110px, 1.2fr)',
      cell: (entry) => sayWord(deedName(entry.deed)),
    },
    {
      key: 'object',
      title: t('object'),
      width: 'minmax(90px, 1fr)',
      cell: ({ object }) => (
        <span className="mono" title={object ?? undefined}>
          {object ?? NOTHING}
        </span>
      ),
    },
    {
      key: 'reason',
      title: t('reason'),
      width: 'minmax(100px, 2fr)',
      cell: ({ reason }) => <span title={reason ?? undefined}>{reason ?? ''}</span>,
    },
    {
      key: 'address',
      title: t('address'),
      width: 'minmax(90px, 1fr)',
      cell: (entry) => <span className="mono ink-3">{entry.address ?? NOTHING}</span>,
    },
    {
      key: 'id',
      title: t('number'),
      width: '64px',
      align: 'right',
      cell: (entry) => <span className="ink-3">{count(entry.id)}</span>,
    },
  ];
  return (
    <Card
      className="is-tall"
      title={t('auditWhat')}
      refreshing={audit.isFetching && !audit.isPending}
      extra={
        <>
          <Chain chain={chain} />
          <Button
            size="small"
            icon={<Icon name="download" size={14} />}
            loading={exporting.isPending}
            onClick={() => exporting.mutate()}
          >
            {exporting.isPending ? t('exporting', { n: read }) : t('exportCsv')}
          </Button>
        </>
      }
    >
      <div className="filters">
        <Sought
          label={t('who')}
          hint={t('anybody')}
          value={given.who ?? ''}
          change={(who) => filter('who', who)}
        />
        <Select
          size="small"
          style={{ width: 170 }}
          aria-label={t('did')}
          allowClear={clearable}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('anything')}
          value={given.deed ?? null}
          onChange={(deed) => filter('deed', deed ?? null)}
          options={Object.entries(deeds).map(([value, word]) => ({ value, label: sayWord(word) }))}
        />
        <Sought
          label={t('object')}
          hint={t('objectFilter')}
          value={given.object ?? ''}
          change={(object) => filter('object', object)}
        />
        {(['from', 'to'] as const).map((end) => (
          <DayField key={end} label={t(end)} value={given[end] ?? ''} change={(day) => filter(end, day)} />
        ))}
        {isFiltered && (
          <button type="button" className="plain small" onClick={() => setSearch({}, { replace: true })}>
            {t('clear')}
          </button>
        )}
      </div>
      {exporting.isError && <ErrorLine error={exporting.error} />}
      {exporting.data === true && <p className="card-note">{t('exportCut', { n: EXPORT_ROWS })}</p>}
      <CursorTable
        label={t('audit')}
        columns={columns}
        {...table}
        rowKey={(entry) => entry.id}
        onOpen={setOpened}
        empty={
          isFiltered ? (
            <EmptyLine
              action={<Button onClick={() => setSearch({}, { replace: true })}>{t('clear')}</Button>}
            >
              {t('noAuditHere', { n: chain.data?.rows ?? 0 })}
            </EmptyLine>
          ) : (
            <EmptyLine>{t('noAudit')}</EmptyLine>
          )
        }
      />
      {chain.data && (
        <p className="card-note mono">{t('lastHash', { id: chain.data.last, hash: chain.data.last_hash })}</p>
      )}
      <Modal
        open={opened !== null}
        onCancel={() => setOpened(null)}
        footer={null}
        width={560}
        title={opened ? `${count(opened.id)} · ${sayWord(deedName(opened.deed))}` : ''}
        closable={{ 'aria-label': t('close') }}
      >
        {opened && (
          <dl className="facts-list">
            <dt>{t('when')}</dt>
            <dd>{times.second(opened.at)}</dd>
            <dt>{t('who')}</dt>
            <dd>{whoName(opened)}</dd>
            <dt>{t('did')}</dt>
            <dd className="mono">{opened.deed}</dd>
            <dt>{t('object')}</dt>
            <dd className="mono">{opened.object ?? NOTHING}</dd>
            <dt>{t('reason')}</dt>
            <dd>{opened.reason ?? NOTHING}</dd>
            <dt>{t('address')}</dt>
            <dd className="mono">{opened.address ?? NOTHING}</dd>
            <dt>{t('detail')}</dt>
            <dd className="mono">
              {opened.detail === null || opened.detail === undefined
                ? NOTHING
                : JSON.stringify(opened.detail, null, 1)}
            </dd>
            <dt>{t('hash')}</dt>
            <dd className="mono">{opened.hash}</dd>
          </dl>
        )}
      </Modal>
    </Card>
  );
}

/** What is typed is looked for at Enter, and when the field is left. */
function Sought({
  label,
  hint,
  value,
  change,
}: {
  label: string;
  hint: string;
  value: string;
  change: (value: string) => void;
}) {
  const look = (event: { currentTarget: HTMLInputElement }) => change(event.currentTarget.value.trim());
  return (
    <Input
      size="small"
      allowClear={clearable}
      style={{ width: 150 }}
      aria-label={label}
      placeholder={hint}
      key={value}
      defaultValue={value}
      onPressEnter={look}
      onBlur={look}
      onClear={() => change('')}
    />
  );
}

function Chain({
  chain,
}: {
  chain: { data: components['schemas']['AuditChain'] | undefined; isError: boolean };
}) {
  const t = useWords(words);
  if (chain.isError) return <span className="tag tag-warn">{t('chainFailed')}</span>;
  if (chain.data === undefined) return <span className="tag tag-plain">{t('chainAsking')}</span>;
  const { whole, rows, broken_at, why } = chain.data;
  return whole ? (
    <span className="tag tag-ok">
      <Icon name="check" />
      {t('chainWhole', { n: rows })}
    </span>
  ) : (
    <span className="tag tag-bad" role="alert">
      <Icon name="warning" />
      {t('chainBroken', { at: broken_at ?? NOTHING, why: why ?? '' })}
    </span>
  );
}
