// The follow-ups of a patient, each with its sentence; open ones can be moved to a time, failed ones queued again.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, ask } from '../../api/client';
import { useMay, useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { DeedButton } from '../../components/DeedButton';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import { timeIn } from '../../time/day';
import { nameOf, outcomes } from './names';
import { mayQueueAgain, type PatientPage } from './timeline';
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
  const mayRepair = useMay('repair_numbers') !== null;
  const mayAppoint = useMay('keep_do_not_call') !== null;
  const mayCall = useMay('call') !== null;
  const [appointing, setAppointing] = useState(false);
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
      <div className="p-row">
        {isOpen && mayAppoint && (
          <Button size="small" onClick={() => setAppointing((on) => !on)}>
            {t('appoint')}
          </Button>
        )}
        {isOpen && mayCall && <CallNow of={one.id} />}
        {mayRepair && mayQueueAgain(one.outcome) && (
          <DeedButton
            run={() => ask(api.POST('/api/cases/{id}/requeue', { params: { path: { id: one.id } } }))}
            done={t('requeued')}
          >
            {isOpen ? t('requeue') : t('requeueFailed')}
          </DeedButton>
        )}
      </div>
      {appointing && <Appoint patient={patient} one={one} close={() => setAppointing(false)} />}
    </>
  );
}

/** Puts the follow-up before whoever asks, at the desk, where it is looked at first and dialed then. */
function CallNow({ of }: { of: number }) {
  const t = useWords(words);
  const navigate = useNavigate();
  const pick = useMutation({
    mutationFn: () => ask(api.POST('/api/desk/pick', { body: { case_id: of } })),
    onSuccess: (desk) => {
      if (desk.conversation?.case.case_id === of) return navigate('/desk');
      return undefined;
    },
  });
  const go = () => {
    if (!pick.isPending) pick.mutate();
  };
  useShortcuts([{ keys: 'c', does: words.callNow, run: go }]);
  const isOther = pick.data !== undefined && pick.data.conversation?.case.case_id !== of;
  return (
    <>
      <Button size="small" icon={<Icon name="phone" />} loading={pick.isPending} onClick={go}>
        {t('callNow')} <kbd>C</kbd>
      </Button>
      {isOther && (
        <span className="small" role="alert">
          {t('callOther')} <Link to="/desk">{t('toDesk')}</Link>
        </span>
      )}
      {pick.error !== null && <ErrorLine error={pick.error} />}
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
