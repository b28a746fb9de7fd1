// The follow-ups of a patient, each with its sentence; open ones can be moved to a time, failed ones queued again.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useMay, useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine } from '../../components/ErrorLine';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { nameOf, outcomes } from './names';
import { mayQueueAgain, type PatientPage, timeIn } from './timeline';
import { words } from './words';

type CaseShown = PatientPage['cases'][number];

export function Cases({ page }: { page: PatientPage }) {
  const t = useWords(words);
  return (
    <Card title={t('cases')} className="p-cases">
      {page.cases.length === 0 && <EmptyLine>{t('noCases')}</EmptyLine>}
      <ul>
        {page.cases.map((one) => (
          <li key={one.id}>
            <OneCase patient={page.id} one={one} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function OneCase({ patient, one }: { patient: number; one: CaseShown }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const { language } = useLanguage();
  const queries = useQueryClient();
  const mayRepair = useMay('repair_numbers') !== null;
  const mayAppoint = useMay('keep_do_not_call') !== null;
  const [appointing, setAppointing] = useState(false);
  const again = useMutation({
    mutationFn: () => ask(api.POST('/api/cases/{id}/requeue', { params: { path: { id: one.id } } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const isOpen = !one.outcome;
  return (
    <>
      <p className="p-row">
        <b>{one.campaign}</b>
        <span className="ink-2 small">{one.department ?? ''}</span>
        <span className={isOpen ? 'tag tag-info' : 'tag tag-plain'}>
          {one.outcome ? sayWord(nameOf(outcomes, one.outcome)) : t('openCases')}
        </span>
      </p>
      <p className="small">{one.sentence[language]}</p>
      {one.appointment_at && (
        <p className="small">
          {t('appointAt')} <b>{times.minute(one.appointment_at)}</b>
        </p>
      )}
      <p className="p-row">
        {isOpen && mayAppoint && (
          <Button size="small" onClick={() => setAppointing((on) => !on)}>
            {t('appoint')}
          </Button>
        )}
        {mayRepair && mayQueueAgain(one.outcome) && (
          <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>
            {isOpen ? t('requeue') : t('requeueFailed')}
          </Button>
        )}
        {again.isSuccess && <span className="ink-3 small">{t('requeued')}</span>}
      </p>
      {appointing && <Appoint patient={patient} one={one} close={() => setAppointing(false)} />}
      {again.error !== null && <ErrorLine error={again.error} />}
    </>
  );
}

function Appoint({ patient, one, close }: { patient: number; one: CaseShown; close: () => void }) {
  const t = useWords(words);
  const { zone } = useSession();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const at = timeIn(text, zone);
  const path = { params: { path: { id: one.id } } };
  const then = {
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: ['patient', patient] });
    },
  };
  const keep = useMutation({
    mutationFn: (appointment_at: string) =>
      ask(api.PUT('/api/cases/{id}/appointment', { ...path, body: { appointment_at } })),
    ...then,
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/cases/{id}/appointment', path)),
    ...then,
  });
  return (
    <form
      className="p-note-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (at !== null) keep.mutate(at);
      }}
    >
      <Input
        autoFocus
        value={text}
        maxLength={16}
        placeholder={t('appointHint')}
        aria-label={t('appointAt')}
        status={text.length >= 16 && at === null ? 'error' : ''}
        onChange={(event) => setText(event.target.value)}
      />
      <Button htmlType="submit" disabled={at === null} loading={keep.isPending}>
        {t('save')}
      </Button>
      {one.appointment_at && (
        <Button loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('removeAppointment')}
        </Button>
      )}
      {text.length >= 16 && at === null && <p className="fault-text">{t('badTime')}</p>}
      {keep.error !== null && <ErrorLine error={keep.error} />}
      {remove.error !== null && <ErrorLine error={remove.error} />}
    </form>
  );
}
