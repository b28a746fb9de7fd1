// The calls that came to us: who it was, what became of it, the message to be heard, and who has seen to it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { type Column, CursorTable } from '../../components/CursorTable';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine } from '../../components/ErrorLine';
import { useSay, useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { Lists } from '../patients/Lists';
import { nameOf } from '../patients/names';
import '../patients/patients.css';
import { outcomes, words } from './words';

type CallBack = components['schemas']['CallBack'];

export default function CallBacks() {
  const t = useWords(words);
  const say = useSay();
  const times = useTimes();
  const [params, setParams] = useSearchParams();
  const unseen = params.get('unseen') === 'true';
  const { table } = usePages(['call-backs', String(unseen)], (cursor, signal) =>
    ask(
      api.GET('/api/call-backs', { params: { query: { ...(unseen ? { unseen } : {}), ...cursor } }, signal }),
    ),
  );
  const columns: readonly Column<CallBack>[] = [
    { key: 'at', title: t('at'), width: '110px', cell: (row) => times.minute(row.at) },
    { key: 'who', title: t('who'), width: 'minmax(140px, 1.2fr)', cell: (row) => <Who row={row} /> },
    {
      key: 'number',
      title: t('number'),
      width: '130px',
      cell: (row) => row.number ?? <span className="ink-3">{t('withheld')}</span>,
    },
    { key: 'campaign', title: t('campaign'), width: 'minmax(90px, 1fr)', cell: (row) => row.campaign ?? '—' },
    {
      key: 'became',
      title: t('became'),
      width: '130px',
      cell: (row) => <span className="tag">{say(nameOf(outcomes, row.became))}</span>,
    },
    {
      key: 'wish',
      title: t('wish'),
      width: '110px',
      cell: (row) => (row.wish_at ? times.minute(row.wish_at) : ''),
    },
    {
      key: 'message',
      title: t('message'),
      width: 'minmax(150px, 1.4fr)',
      cell: (row) => <Sound row={row} />,
    },
    { key: 'seen', title: t('seen'), width: '150px', align: 'right', cell: (row) => <Seen row={row} /> },
  ];
  return (
    <>
      <PageHeader title={t('title')} context={t('context')} />
      <div className="fill p-page">
        <Lists />
        <div className="p-filters">
          <Select
            aria-label={t('which')}
            value={unseen ? 'unseen' : ''}
            className="p-select"
            onChange={(value) => setParams(value === '' ? {} : { unseen: 'true' })}
            options={[
              { value: '', label: t('all') },
              { value: 'unseen', label: t('unseen') },
            ]}
          />
        </div>
        <section className="card p-results">
          <CursorTable
            label={t('title')}
            columns={columns}
            {...table}
            rowKey={(row) => row.id}
            rowHeight={40}
            empty={<EmptyLine>{t('empty')}</EmptyLine>}
          />
        </section>
      </div>
    </>
  );
}

function Who({ row }: { row: CallBack }) {
  const t = useWords(words);
  if (row.patient_id === null || row.patient_id === undefined)
    return <span className="ink-3">{t('stranger')}</span>;
  return (
    <span className="p-cut">
      <Link to={`/patients/${row.patient_id}`}>{row.name ?? '—'}</Link>
      {row.others > 0 && <span className="ink-3 small"> {t('others', { n: row.others })}</span>}
    </span>
  );
}

/** A call in which a follow-up went on has its own page; a message is heard here. */
function Sound({ row }: { row: CallBack }) {
  const t = useWords(words);
  const mayListen = useMay('listen') !== null;
  const [playing, setPlaying] = useState(false);
  if (row.call === null || row.call === undefined || !row.recording_ms) return null;
  if (row.became === 'questionnaire' || row.became === 'agent')
    return <Link to={`/recordings/${row.call}`}>{t('open')}</Link>;
  if (row.became !== 'message' || !mayListen) return null;
  if (!playing)
    return (
      <Button size="small" onClick={() => setPlaying(true)}>
        {t('play')}
      </Button>
    );
  // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said.
  return <audio controls autoPlay src={`/api/call-backs/${row.id}/audio`} aria-label={t('message')} />;
}

function Seen({ row }: { row: CallBack }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const see = useMutation({
    mutationFn: () => ask(api.POST('/api/call-backs/{id}/seen', { params: { path: { id: row.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['call-backs'] }),
  });
  if (see.error !== null) return <ErrorLine error={see.error} />;
  if (row.seen_by) return <span className="ink-3">{row.seen_by}</span>;
  return (
    <Button size="small" loading={see.isPending} onClick={() => see.mutate()}>
      {t('see')}
    </Button>
  );
}
