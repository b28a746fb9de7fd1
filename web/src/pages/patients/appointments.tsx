// Appointments: the times at which patients asked to be called, the earliest first.
import { Link, useNavigate } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import type { Column } from '../../components/CursorTable';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { useWhoseColumns } from './columns';
import { ListPage } from './ListPage';
import { words } from './words';

type Appointment = components['schemas']['Appointment'];

export default function Appointments() {
  const t = useWords(words);
  const times = useTimes();
  const navigate = useNavigate();
  const { table } = usePages(['appointments'], (cursor, signal) =>
    ask(api.GET('/api/appointments', { params: { query: cursor }, signal })),
  );
  const whose = useWhoseColumns();
  const columns: readonly Column<Appointment>[] = [
    {
      key: 'at',
      title: t('appointAt'),
      width: 'minmax(150px, 1fr)',
      cell: (row) => <b>{`${times.minute(row.appointment_at)} ${times.weekday(row.appointment_at)}`}</b>,
    },
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(120px, 1fr)',
      cell: (row) => <Link to={`/patients/${row.patient_id}`}>{row.name ?? '—'}</Link>,
    },
    ...whose,
    { key: 'campaign', title: t('campaign'), width: 'minmax(120px, 1fr)', cell: (row) => row.campaign },
    {
      key: 'deadline',
      title: t('deadline'),
      width: 'minmax(110px, 0.8fr)',
      cell: (row) => times.minute(row.deadline_at),
    },
  ];
  return (
    <ListPage
      title={t('appointments')}
      columns={columns}
      {...table}
      rowKey={(row) => row.case_id}
      onOpen={(row) => navigate(`/patients/${row.patient_id}`)}
      empty={t('noAppointments')}
    />
  );
}
