// A patient: why this person was called, or not, and what happens next.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api, ask } from '../../api/client';
import { Card } from '../../components/Card';
import { FailedCard } from '../../components/ErrorLine';
import { Masked } from '../../components/Masked';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { Cases } from './Cases';
import { Lists } from './Lists';
import { Notes } from './Notes';
import { Numbers } from './Numbers';
import { nameOf, patientStates } from './names';
import './patients.css';
import { States } from './States';
import { Timeline } from './Timeline';
import { isQuiet, type PatientPage } from './timeline';
import { WhyPanel } from './WhyPanel';
import { words } from './words';

export default function Patient() {
  const t = useWords(words);
  const id = Number(useParams().id);
  const page = useQuery({
    queryKey: ['patient', id],
    queryFn: ({ signal }) => ask(api.GET('/api/patients/{id}', { params: { path: { id } }, signal })),
  });
  return (
    <>
      <PageHeader title={t('patient')} context={page.data?.name ?? undefined} />
      <div className="fill p-page">
        <Lists />
        {page.data !== undefined ? (
          <Found page={page.data} refreshing={page.isFetching} />
        ) : page.error !== null ? (
          <FailedCard error={page.error} retry={page.refetch} />
        ) : (
          <section className="card">
            <Skeleton rows={14} />
          </section>
        )}
      </div>
    </>
  );
}

function Found({ page, refreshing }: { page: PatientPage; refreshing: boolean }) {
  const t = useWords(words);
  const [why, setWhy] = useState(true);
  useShortcuts([{ keys: 'w', does: words.keyWhy, run: () => setWhy((on) => !on) }]);
  if (isQuiet(page)) return <Quiet page={page} />;
  return (
    <div className={why ? 'p-grid has-why' : 'p-grid'}>
      <div className="p-left">
        <Head page={page} />
        <Numbers page={page} />
        <States page={page} />
      </div>
      <div className="p-middle">
        <NextSentence page={page} />
        <Card title={t('timeline')} refreshing={refreshing} className="p-scroll">
          <Timeline page={page} />
        </Card>
      </div>
      <div className="p-right">
        <Cases page={page} />
        {why && <WhyPanel patient={page.id} close={() => setWhy(false)} />}
        {!why && (
          <button type="button" className="plain p-open-why" onClick={() => setWhy(true)}>
            {t('why')} <kbd>W</kbd>
          </button>
        )}
        <Notes page={page} />
      </div>
    </div>
  );
}

function Head({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const sex = page.sex === 'male' ? t('male') : page.sex === 'female' ? t('female') : '';
  const born = page.birth ? t('born', { year: page.birth }) : '';
  const about = [sex, times.age(page.age ?? ''), born].filter((part) => part !== '').join(' · ');
  return (
    <section className="card p-head">
      <h2 className="p-name">
        {page.name ? (
          <Masked patient={page.id} field="name">
            {page.name}
          </Masked>
        ) : (
          '—'
        )}
      </h2>
      <p className="ink-2">{about === '' ? '—' : about}</p>
      <div className="ink-2">
        {t('patientNo')}{' '}
        {page.patient_no ? (
          <Masked patient={page.id} field="hospital_id">
            {page.patient_no}
          </Masked>
        ) : (
          '—'
        )}
      </div>
      <p className="p-flags">
        {page.states.map((state) => (
          <span key={state.state} className="tag tag-warn">
            {sayWord(nameOf(patientStates, state.state))}
          </span>
        ))}
        {page.do_not_call.some((entry) => !entry.ended_at) && (
          <span className="tag tag-bad">{t('listed')}</span>
        )}
      </p>
    </section>
  );
}

function NextSentence({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  return (
    <section className="card p-next" aria-label={t('nextTitle')}>
      <span className="p-next-label">
        {t('nextTitle')}
        {page.next_at ? <b> {times.minute(page.next_at)}</b> : null}
      </span>
      <p>{page.next[language]}</p>
    </section>
  );
}

/** After a death, or an erasure: plain and quiet, nothing to do but note. */
function Quiet({ page }: { page: PatientPage }) {
  const t = useWords(words);
  return (
    <div className="p-quiet">
      <section className="card p-head">
        <h2 className="p-name">{page.name ?? '—'}</h2>
        <p className="ink-2">{page.deceased ? t('deceased') : t('erased')}</p>
        <p>{t('stopped')}</p>
        <p className="ink-3">{t('quietWhy')}</p>
      </section>
      <Notes page={page} />
    </div>
  );
}
