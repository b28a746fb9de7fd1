// What is known of a patient that stops follow-ups. Each change names its effect before it is made.
import { useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useMay } from '../../api/session';
import { ActDialog } from '../../components/ActDialog';
import { Card } from '../../components/Card';
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
            {mayKeep && <Clear state={state.state} ask={setAsked} />}
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

function Clear({ state, ask }: { state: string; ask: (asked: Asked) => void }) {
  const t = useWords(words);
  const known = STATES.find((one) => one === state);
  // A state that this console does not know is cleared where it was set.
  if (known === undefined) return null;
  return (
    <Button size="small" onClick={() => ask({ does: 'clear', state: known })}>
      {t('clearState')}
    </Button>
  );
}

function Ask({ page, asked, close }: { page: PatientPage; asked: NonNullable<Asked>; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const queries = useQueryClient();
  const path = { params: { path: { id: page.id } } };
  const run = (reason: string): Promise<unknown> => {
    if (asked.does === 'bar')
      return ask(api.POST('/api/do-not-call', { body: { patient_id: page.id, level: 'always', reason } }));
    const body = { state: asked.state, reason };
    return asked.does === 'set'
      ? ask(api.POST('/api/patients/{id}/state', { ...path, body }))
      : ask(api.POST('/api/patients/{id}/state/clear', { ...path, body }));
  };
  const open = page.cases.filter((one) => !one.outcome).length;
  const effect =
    asked.does === 'bar'
      ? t('barWhy', { n: open })
      : asked.does === 'set'
        ? t(asked.state === 'deceased' ? 'setDeceased' : 'stateEffect', { n: open })
        : undefined;
  const title =
    asked.does === 'bar'
      ? t('bar')
      : `${t(asked.does === 'set' ? 'setState' : 'clearState')} · ${sayWord(nameOf(patientStates, asked.state))}`;
  return (
    <ActDialog
      title={title}
      act={t('save')}
      effect={effect}
      reason={t('reason')}
      run={run}
      done={() => queries.invalidateQueries()}
      close={close}
    />
  );
}
