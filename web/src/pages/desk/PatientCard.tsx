// Whom the agent talks to: the name for identification, what has to be minded while talking, the facts of the stay.
import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon';
import { Masked } from '../../components/Masked';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { nameOf, patientStates } from '../patients/names';
import type { DeskCase, Talk } from './api';
import { useDesk } from './useDesk';
import { words } from './words';

const DAY_MS = 86_400_000;

export function PatientCard({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { case: of } = talk;
  const sex = of.sex === 'male' ? t('male') : of.sex === 'female' ? t('female') : '';
  const about = [sex, of.age == null ? '' : t('age', { age: years(of.age) })]
    .filter((part) => part !== '')
    .join(' · ');
  return (
    <section className="card dk-patient" aria-label={t('patientCard')}>
      <div className="dk-who">
        <h2>{of.name ?? '—'}</h2>
        <span className="ink-2">{about}</span>
      </div>
      <p className="dk-audited">
        <Icon name="lock" size={12} /> {t('shownAudited')}
      </p>
      <Mind of={of} />
      <Facts of={of} />
    </section>
  );
}

/** The age without its unit, which lists have or have not. */
export const years = (age: string): string => age.replace(/\s*岁$/, '');

/** What has to be minded before a word is said: language, states, what the last agent wrote. */
function Mind({ of }: { of: DeskCase }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const [last] = of.notes;
  const heads: string[] = [
    ...(of.deceased ? [t('deceased')] : []),
    ...of.states.map((state) => sayWord(nameOf(patientStates, state))),
    ...(of.language === null ? [] : [t('speaks', { language: of.language })]),
  ];
  if (heads.length === 0 && last === undefined) return null;
  return (
    <div className="dk-mind">
      <Icon name={of.deceased || of.states.length > 0 ? 'warning' : 'ear'} />
      <div>
        {heads.length > 0 && <b>{heads.join(' · ')}</b>}
        {last !== undefined && (
          <p>
            {last.text}
            <span className="dk-mind-who">
              {last.who} · {times.day(last.at)}
            </span>
          </p>
        )}
      </div>
    </div>
  );
}

function Facts({ of }: { of: DeskCase }) {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const left = of.budget === null ? null : Math.max(0, of.budget - of.counted);
  const place = [of.department, of.bed].filter((part) => part !== null && part !== '').join(' ');
  const rows: [string, ReactNode][] = [
    [
      t('patientNo'),
      of.patient_no === null ? null : (
        <Masked key="no" patient={of.patient_id} field="hospital_id">
          {of.patient_no}
        </Masked>
      ),
    ],
    [t('department'), [place, of.doctor].filter((part) => part !== null && part !== '').join(' · ') || null],
    [t('diagnosis'), of.diagnoses],
    [t('discharged'), of.discharged_at === null ? null : dischargedOn(of.discharged_at)],
    [t('appointed'), of.appointment_at === null ? null : times.minute(of.appointment_at)],
    [t('deadline'), <Deadline key="deadline" at={of.deadline_at} left={left} />],
  ];
  function dischargedOn(at: string): string {
    const days = Math.max(1, Math.floor((now - Date.parse(at)) / DAY_MS) + 1);
    return t('dayAfter', { at: times.day(at), n: days });
  }
  return (
    <dl className="dk-facts">
      {rows
        .filter(([, value]) => value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Deadline({ at, left }: { at: string | null; left: number | null }) {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const isNear = at !== null && Date.parse(at) - now < DAY_MS;
  return (
    <>
      {at === null ? '—' : <span className={isNear ? 'dk-near' : undefined}>{times.minute(at)}</span>}
      {left !== null && ` · ${t('triesLeft', { n: left })}`}
    </>
  );
}
