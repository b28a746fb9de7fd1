// What is known of a patient that stops follow-ups. Each change names its effect before it is made.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Select } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { nameOf, patientStates } from './names';
import type { PatientPage } from './timeline';
import { words } from './words';

type State = 'deceased' | 'readmitted' | 'transferred' | 'complaint_open';

const STATES: readonly State[] = ['readmitted', 'transferred', 'complaint_open', 'deceased'];

/** What the dialog is about. */
type Asked = { does: 'set' | 'clear'; state: State } | { does: 'bar' } | null;

export function States({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const mayKeep = useMay('keep_do_not_call') !== null;
  const [asked, setAsked] = useState<Asked>(null);
  const held = new Set(page.states.map((state) => state.state));
  return (
    <Card title={t('state')} className="p-states">
      <ul>
        {page.states.map((state) => (
          <li key={state.state} className="p-row">
            <b>{sayWord(nameOf(patientStates, state.state))}</b>
            <span className="ink-2 small">{times.day(state.since_at)}</span>
            {mayKeep && (
              <Button size="small" onClick={() => setAsked({ does: 'clear', state: state.state as State })}>
                {t('clearState')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayKeep && (
        <div className="p-row p-pad">
          <Select<State | null>
            size="small"
            className="p-grow"
            value={null}
            placeholder={t('setState')}
            aria-label={t('setState')}
            options={STATES.filter((state) => !held.has(state)).map((state) => ({
              value: state,
              label: sayWord(nameOf(patientStates, state)),
            }))}
            onChange={(state) => state !== null && setAsked({ does: 'set', state })}
          />
          <Button size="small" onClick={() => setAsked({ does: 'bar' })}>
            {t('bar')}
          </Button>
        </div>
      )}
      {asked !== null && <Ask page={page} asked={asked} close={() => setAsked(null)} />}
    </Card>
  );
}

function Ask({ page, asked, close }: { page: PatientPage; asked: NonNullable<Asked>; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const id = useId();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const path = { params: { path: { id: page.id } } };
  const act = useMutation<unknown, Error>({
    mutationFn: () => {
      if (asked.does === 'bar') {
        return ask(api.POST('/api/do-not-call', { body: { patient_id: page.id, level: 'always', reason } }));
      }
      const { state } = asked;
      return asked.does === 'set'
        ? ask(api.POST('/api/patients/{id}/state', { ...path, body: { state, reason } }))
        : ask(api.POST('/api/patients/{id}/state/clear', { ...path, body: { state, reason } }));
    },
    onSuccess: () => {
      close();
      return queries.invalidateQueries();
    },
  });
  const open = page.cases.filter((one) => !one.outcome).length;
  const effect =
    asked.does === 'bar'
      ? t('barWhy', { n: open })
      : asked.does === 'clear'
        ? ''
        : t(asked.state === 'deceased' ? 'setDeceased' : 'stateEffect', { n: open });
  const title =
    asked.does === 'bar'
      ? t('bar')
      : `${t(asked.does === 'set' ? 'setState' : 'clearState')} · ${sayWord(nameOf(patientStates, asked.state))}`;
  return (
    <Modal
      open
      onCancel={close}
      title={title}
      width={400}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="save"
          type="primary"
          loading={act.isPending}
          disabled={reason.trim() === ''}
          onClick={() => act.mutate()}
        >
          {t('save')}
        </Button>,
      ]}
    >
      {effect !== '' && <p className="p-effect">{effect}</p>}
      <label htmlFor={id}>{t('reason')}</label>
      <Input
        id={id}
        autoFocus
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onPressEnter={() => reason.trim() !== '' && act.mutate()}
      />
      {act.error !== null && <ErrorLine error={act.error} />}
    </Modal>
  );
}
