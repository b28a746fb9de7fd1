// Tickets: what follow-ups found, for whom, by when; taken in hand, and closed with what was done.
import { useQueryClient } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { ActDialog } from '../../components/ActDialog';
import type { Column } from '../../components/CursorTable';
import { DeedButton } from '../../components/DeedButton';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { ListPage } from '../patients/ListPage';
import { words } from './words';

type Ticket = components['schemas']['Ticket'];
type State = components['schemas']['TicketState'];

const KEY = 'tickets';
const EMPTY = { open: 'emptyOpen', in_hand: 'emptyInHand', closed: 'emptyClosed' } as const;

export default function Tickets() {
  const t = useWords(words);
  const times = useTimes();
  const [params, setParams] = useSearchParams();
  const [closing, setClosing] = useState<Ticket | null>(null);
  const asked = params.get('state');
  const state: State = asked === 'in_hand' || asked === 'closed' ? asked : 'open';
  const { table } = usePages([KEY, state], (cursor, signal) =>
    ask(api.GET('/api/tickets', { params: { query: { state, ...cursor } }, signal })),
  );
  const columns: readonly Column<Ticket>[] = [
    {
      key: 'due',
      title: t('due'),
      width: '100px',
      cell: (row) => (
        <span
          className={state !== 'closed' && Date.parse(row.due_at) < Date.now() ? 'tag tag-bad' : undefined}
        >
          {times.minute(row.due_at)}
        </span>
      ),
    },
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(70px, 0.6fr)',
      cell: (row) => <Link to={`/patients/${row.patient_id}`}>{row.name ?? '—'}</Link>,
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(90px, 0.7fr)',
      cell: (row) => row.department,
    },
    {
      key: 'text',
      title: t('text'),
      width: 'minmax(170px, 2.4fr)',
      cell: (row) => row.text,
    },
    ...(state === 'closed'
      ? [
          {
            key: 'done',
            title: t('done'),
            width: 'minmax(150px, 1.6fr)',
            cell: (row: Ticket) => row.result ?? '—',
          },
        ]
      : []),
    {
      key: 'from',
      title: t('from'),
      width: 'minmax(130px, 1fr)',
      cell: (row) =>
        state === 'open'
          ? t('by', { who: row.opened_by, at: times.minute(row.opened_at) })
          : t('by', { who: row.changed_by ?? '—', at: times.minute(row.changed_at ?? row.opened_at) }),
    },
    {
      key: 'acts',
      title: <span className="unseen">{t('acts')}</span>,
      width: state === 'closed' ? '90px' : '210px',
      align: 'right',
      cell: (row) => <Acts ticket={row} state={state} close={() => setClosing(row)} />,
    },
  ];
  return (
    <ListPage
      title={t('title')}
      filters={
        <Segmented
          aria-label={t('which')}
          value={state}
          onChange={(value) => setParams(value === 'open' ? {} : { state: value })}
          options={[
            { value: 'open', label: t('open') },
            { value: 'in_hand', label: t('inHand') },
            { value: 'closed', label: t('closed') },
          ]}
        />
      }
      columns={columns}
      {...table}
      rowKey={(row) => row.id}
      empty={t(EMPTY[state])}
    >
      {closing !== null && <CloseTicket ticket={closing} close={() => setClosing(null)} />}
    </ListPage>
  );
}

function Acts({ ticket, state, close }: { ticket: Ticket; state: State; close: () => void }) {
  const t = useWords(words);
  return (
    <span className="p-row p-acts">
      {ticket.attempt_id != null && <Link to={`/recordings/${ticket.attempt_id}`}>{t('hear')}</Link>}
      {state === 'open' && (
        <DeedButton
          run={() =>
            ask(
              api.PUT('/api/tickets/{id}', {
                params: { path: { id: ticket.id } },
                body: { state: 'in_hand' },
              }),
            )
          }
          renews={[KEY]}
        >
          {t('take')}
        </DeedButton>
      )}
      {state !== 'closed' && (
        <Button size="small" onClick={close}>
          {t('close')}
        </Button>
      )}
    </span>
  );
}

function CloseTicket({ ticket, close }: { ticket: Ticket; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  return (
    <ActDialog
      title={t('closeTitle')}
      act={t('close')}
      effect={
        <>
          {ticket.text}
          <br />
          {t('closeEffect')}
        </>
      }
      reason={t('result')}
      reasonRows={3}
      run={(result) =>
        ask(
          api.PUT('/api/tickets/{id}', {
            params: { path: { id: ticket.id } },
            body: { state: 'closed', result },
          }),
        )
      }
      done={() => queries.invalidateQueries({ queryKey: [KEY] })}
      close={close}
    />
  );
}
