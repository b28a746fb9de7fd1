// The calls that came to us: who it was, what became of it, the message to be heard, and who has seen to it.
import { Button } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { ChoiceField } from '../../components/ChoiceField';
import type { Column } from '../../components/CursorTable';
import { DeedButton } from '../../components/DeedButton';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { ListPage } from '../patients/ListPage';
import { nameOf } from '../patients/names';
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
    { key: 'at', title: t('at'), width: 'minmax(86px, 0.7fr)', cell: (row) => times.minute(row.at) },
    { key: 'who', title: t('who'), width: 'minmax(100px, 1.2fr)', cell: (row) => <Who row={row} /> },
    {
      key: 'number',
      title: t('number'),
      width: '112px',
      cell: (row) => row.number ?? <span className="ink-3">{t('withheld')}</span>,
    },
    { key: 'campaign', title: t('campaign'), width: 'minmax(70px, 1fr)', cell: (row) => row.campaign ?? '—' },
    {
      key: 'became',
      title: t('became'),
      width: 'minmax(128px, 1.1fr)',
      cell: (row) => <span className="tag tag-plain">{say(nameOf(outcomes, row.became))}</span>,
    },
    {
      key: 'wish',
      title: t('wish'),
      width: 'minmax(86px, 0.7fr)',
      cell: (row) => (row.wish_at ? times.minute(row.wish_at) : ''),
    },
    {
      key: 'message',
      title: t('message'),
      width: 'minmax(130px, 1.4fr)',
      cell: (row) => <Sound row={row} />,
    },
    { key: 'seen', title: t('seen'), width: '108px', align: 'right', cell: (row) => <Seen row={row} /> },
  ];
  return (
    <ListPage
      title={t('title')}
      context={t('context')}
      filters={
        <ChoiceField
          className="p-select"
          label={t('which')}
          any={t('all')}
          choices={[{ value: 'unseen', label: t('unseen') }]}
          value={unseen ? 'unseen' : ''}
          change={(value) => setParams(value === '' ? {} : { unseen: 'true' })}
        />
      }
      columns={columns}
      {...table}
      rowKey={(row) => row.id}
      rowHeight={40}
      empty={t('empty')}
    />
  );
}

function Who({ row }: { row: CallBack }) {
  const t = useWords(words);
  if (row.patient_id === null || row.patient_id === undefined)
    return <span className="ink-3">{t('stranger')}</span>;
  return (
    <span className="p-cut" title={row.others > 0 ? t('others', { n: row.others }) : undefined}>
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
  if (row.seen_by) return <span className="ink-3">{row.seen_by}</span>;
  return (
    <DeedButton
      run={() => ask(api.POST('/api/call-backs/{id}/seen', { params: { path: { id: row.id } } }))}
      renews={['call-backs']}
    >
      {t('see')}
    </DeedButton>
  );
}
