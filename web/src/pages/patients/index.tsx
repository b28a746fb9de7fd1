// Patients: one box for a name, a number of a patient, a visit or a telephone, or its last four digits.
import { Input } from 'antd';
import { Link, useLocation, useNavigate } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { clearable } from '../../components/ClearSign';
import { type Column, CursorTable } from '../../components/CursorTable';
import { DispositionTag } from '../../components/DispositionTag';
import { EmptyLine } from '../../components/EmptyLine';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { Lists } from './Lists';
import './patients.css';
import { useWhoseColumns } from './columns';
import { words } from './words';

type Found = components['schemas']['PatientFound'];

export default function Patients() {
  const t = useWords(words);
  const navigate = useNavigate();
  const q = foundIn(useLocation().state);
  return (
    <>
      <PageHeader title={t('title')} />
      <div className="fill p-page">
        <Lists />
        <search className="p-search">
          <Input.Search
            key={q}
            autoFocus
            size="large"
            allowClear={clearable}
            defaultValue={q}
            maxLength={64}
            placeholder={t('box')}
            aria-label={t('box')}
            enterButton={t('find')}
            onSearch={(text) => navigate('/patients', { state: { find: text.trim() } })}
          />
        </search>
        <section className="card p-results">{q === '' ? <Begin /> : <Results key={q} q={q} />}</section>
      </div>
    </>
  );
}

/** What is looked for stands with the history's entry, not in the address: it would lead to a person. */
function foundIn(state: unknown): string {
  if (typeof state !== 'object' || state === null || !('find' in state)) return '';
  return typeof state.find === 'string' ? state.find : '';
}

function Begin() {
  const t = useWords(words);
  return <EmptyLine>{t('begin')}</EmptyLine>;
}

function Results({ q }: { q: string }) {
  const t = useWords(words);
  const times = useTimes();
  const navigate = useNavigate();
  const imports = useMay('import') !== null;
  const { table } = usePages(['patients', q], (cursor, signal) =>
    ask(api.GET('/api/patients', { params: { query: { q, ...cursor } }, signal })),
  );
  const whose = useWhoseColumns();
  const columns: readonly Column<Found>[] = [
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(150px, 1.2fr)',
      cell: (row) => (
        <>
          <Link to={`/patients/${row.id}`} className="strong">
            {row.name ?? (row.erased ? t('erased') : '—')}
          </Link>
          {row.deceased && <span className="tag tag-plain p-flag">{t('deceased')}</span>}
        </>
      ),
    },
    { key: 'who', title: '', width: 'minmax(90px, 0.8fr)', cell: (row) => <About row={row} /> },
    ...whose,
    {
      key: 'last',
      title: t('last'),
      width: 'minmax(220px, 1.6fr)',
      cell: (row) =>
        row.last ? (
          <span className="p-last">
            <span className="ink-2">{times.minute(row.last.begun_at)}</span>
            {row.last.disposition ? <DispositionTag disposition={row.last.disposition} /> : t('underWay')}
          </span>
        ) : (
          <span className="ink-3">{t('none')}</span>
        ),
    },
    {
      key: 'next',
      title: t('next'),
      width: 'minmax(110px, 0.9fr)',
      cell: (row) => (row.deceased ? t('stopped') : times.minute(row.next_at)),
    },
  ];
  return (
    <CursorTable
      label={t('title')}
      columns={columns}
      {...table}
      rowKey={(row) => row.id}
      onOpen={(row) => navigate(`/patients/${row.id}`)}
      empty={
        <EmptyLine action={imports ? <Link to="/import">{t('importFaults')}</Link> : undefined}>
          {t('nobody')}
        </EmptyLine>
      }
    />
  );
}

function About({ row }: { row: Found }) {
  const t = useWords(words);
  const times = useTimes();
  const sex = row.sex === 'male' ? t('male') : row.sex === 'female' ? t('female') : '';
  const age = row.age ? times.age(row.age) : row.birth ? t('born', { year: row.birth }) : '';
  return <span className="ink-2">{[sex, age].filter((part) => part !== '').join(' · ')}</span>;
}
