// The cases behind a figure, with the total that the report says.
import { Drawer } from 'antd';
import { Link } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import type { Column } from '../../components/CursorTable';
import { DispositionTag } from '../../components/DispositionTag';
import { FigureList } from '../../components/FigureList';
import { useLanguage, useSay, useWords } from '../../i18n';
import { nameOf, outcomes } from '../patients/names';
import type { CaseBehind, Figure, Report } from './report';
import { words } from './words';

export function CasesDrawer({
  report,
  figure,
  close,
  reread,
}: {
  report: Report;
  figure: Figure | null;
  close: () => void;
  reread: () => void;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const name = figure === null ? '' : figure[language];
  return (
    <Drawer
      open={figure !== null}
      onClose={close}
      title={t('list', { figure: name })}
      size={860}
      destroyOnHidden
    >
      {figure !== null && <Cases report={report} figure={figure} reread={reread} />}
    </Drawer>
  );
}

function Cases({ report, figure, reread }: { report: Report; figure: Figure; reread: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const mayOpen = useMay('see_calls') !== null;
  const query = {
    campaign: report.campaign,
    figure: figure.key,
    to: report.to_at,
    ...(report.from_at ? { from: report.from_at } : {}),
  };
  const { table, rows, first } = usePages(['report-cases', query], (cursor, signal) =>
    ask(api.GET('/api/reports/cases', { params: { query: { ...query, ...cursor } }, signal })),
  );
  const total = first?.total;
  const columns: readonly Column<CaseBehind>[] = [
    { key: 'visit', title: t('visit'), width: 'minmax(136px, 1fr)', cell: (row) => row.visit_no },
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(80px, 1fr)',
      cell: (row) => row.name ?? row.patient_no ?? '—',
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(90px, 1fr)',
      cell: (row) => row.department ?? '—',
    },
    {
      key: 'outcome',
      title: t('outcome'),
      width: '90px',
      cell: (row) => (row.outcome ? sayWord(nameOf(outcomes, row.outcome)) : t('open')),
    },
    {
      key: 'last',
      title: t('last'),
      width: 'minmax(110px, 1fr)',
      cell: (row) => {
        const shown = row.disposition ?? row.last;
        return shown ? <DispositionTag disposition={shown} /> : '—';
      },
    },
    ...(rows.some((row) => row.question)
      ? [
          {
            key: 'answer',
            title: t('answer'),
            width: 'minmax(90px, 1fr)',
            cell: (row: CaseBehind) => row.label ?? row.value ?? '—',
          },
        ]
      : []),
    { key: 'attempts', title: t('attempts'), width: '50px', align: 'right', cell: (row) => row.attempts },
    {
      key: 'open',
      title: <span className="unseen">{t('replay')}</span>,
      width: '60px',
      cell: (row) =>
        mayOpen && row.attempt_id ? <Link to={`/recordings/${row.attempt_id}`}>{t('replay')}</Link> : null,
    },
  ];
  return (
    <FigureList
      total={total}
      agrees={total === figure.n}
      same={t('matches', { n: figure.n })}
      other={t('differs', { list: total ?? 0, report: figure.n })}
      again={{ word: t('reread'), run: reread }}
      label={t('list', { figure: figure.key })}
      columns={columns}
      {...table}
      rowKey={(row) => `${row.case_id}-${row.attempt_id ?? ''}-${row.question ?? ''}`}
      empty={t('emptyList')}
    />
  );
}
