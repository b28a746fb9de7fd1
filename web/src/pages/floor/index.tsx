// The floor: which agent does what now, since when, with both legs; a supervisor's silent listening and leave to call, written down.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useMay, useSession } from '../../api/session';
import { ActDialog } from '../../components/ActDialog';
import { EmptyLine } from '../../components/EmptyLine';
import { CardError } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useSay, useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import type { Leg, TalkState } from '../desk/api';
import { legShown, presenceOf, type Side } from '../desk/legs';
import { useEither } from '../desk/Softphone';
import { clock } from '../desk/time';
import { type FloorAgent, type FloorPage, grant, listenIn, readFloor, stopListening } from './api';
import './floor.css';
import { useNow } from './useNow';
import { pauses, words } from './words';

const EVERY_MS = 2_000;
const FLOOR = ['floor'] as const;

export default function Floor() {
  const t = useWords(words);
  const floor = useQuery({ queryKey: FLOOR, queryFn: readFloor, refetchInterval: EVERY_MS, staleTime: 0 });
  const agents = floor.data?.agents ?? [];
  const many = (of: readonly string[]) => agents.filter((one) => of.includes(one.presence)).length;
  const counts = {
    talking: many(['ringing', 'talking', 'wrapping_up']),
    ready: many(['ready', 'previewing', 'reserved']),
    off: many(['away', 'paused']),
  };
  return (
    <>
      <PageHeader
        title={t('title')}
        {...(floor.data === undefined ? {} : { context: t('counts', counts) })}
      />
      <section className="card fl-card">
        {floor.data !== undefined ? (
          <Agents page={floor.data} />
        ) : floor.error !== null ? (
          <CardError error={floor.error} retry={floor.refetch} what={t('failed')} />
        ) : (
          <Skeleton rows={8} height={44} />
        )}
      </section>
    </>
  );
}

function Agents({ page }: { page: FloorPage }) {
  const t = useWords(words);
  const [heard, setHeard] = useState<FloorAgent | null>(null);
  const [passed, setPassed] = useState<FloorAgent | null>(null);
  const now = useNow(page.at);
  if (page.agents.length === 0) return <EmptyLine>{t('nobody')}</EmptyLine>;
  return (
    <>
      <table className="fl-table">
        <thead>
          <tr>
            <th scope="col">{t('agent')}</th>
            <th scope="col">{t('doing')}</th>
            <th scope="col" className="num">
              {t('since')}
            </th>
            <th scope="col">{t('agentLeg')}</th>
            <th scope="col">{t('patientLeg')}</th>
            <th scope="col" className="num">
              {t('calls')}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {page.agents.map((agent) => (
            <Row
              key={agent.account_id}
              agent={agent}
              reasons={page.pause_reasons}
              now={now}
              listen={() => setHeard(agent)}
              letPass={() => setPassed(agent)}
            />
          ))}
        </tbody>
      </table>
      {heard !== null && <ListenDialog agent={heard} close={() => setHeard(null)} />}
      {passed !== null && <GrantDialog agent={passed} close={() => setPassed(null)} />}
    </>
  );
}

function Row({
  agent,
  reasons,
  now,
  listen,
  letPass,
}: {
  agent: FloorAgent;
  reasons: FloorPage['pause_reasons'];
  now: number;
  listen: () => void;
  letPass: () => void;
}) {
  const t = useWords(words);
  const sayWord = useSay();
  const { language } = useLanguage();
  const talk = agent.now;
  const shown = presenceOf(agent.presence, talk?.state ?? null);
  const reason = agent.presence === 'paused' ? agent.reason : null;
  const chosen = reasons.find((one) => one.id === reason);
  return (
    <tr>
      <th scope="row">
        {agent.name} <span className="ink-3 small">{agent.department}</span>
      </th>
      <td>
        <span className={`tag tag-${shown.tone}`}>
          <span className="fl-dot" aria-hidden="true" />
          {chosen?.[language] ?? sayWord((reason === null ? null : pauses[reason]) ?? shown.word)}
        </span>
      </td>
      <td className="num">{clock(now - Date.parse(agent.since_at))}</td>
      <td>
        {talk !== null && (
          <LegTag side="agent" leg={talk.agent_leg} state={talk.state} isMuted={talk.is_muted} />
        )}
      </td>
      <td>
        {talk !== null && <LegTag side="patient" leg={talk.patient_leg} state={talk.state} />}
        {talk?.refusal != null && (
          <span className="tag tag-warn">
            <Icon name="warning" />
            {talk.refusal.words[language]}
          </span>
        )}
      </td>
      <td className="num">
        {agent.calls_a_day === null
          ? agent.calls_today
          : t('ofLimit', { n: agent.calls_today, most: agent.calls_a_day })}
      </td>
      <td className="num">
        <Acts agent={agent} listen={listen} letPass={letPass} />
      </td>
    </tr>
  );
}

function LegTag({
  side,
  leg,
  state,
  isMuted = false,
}: {
  side: Side;
  leg: Leg | null;
  state: TalkState;
  isMuted?: boolean;
}) {
  const say = useEither();
  if (leg === null) return null;
  const shown = legShown(side, leg, state, isMuted);
  return (
    <span className={`tag tag-${shown.tone}`}>
      {shown.failed !== null && <Icon name="warning" />}
      {isMuted && <Icon name="muted" />}
      {say(shown.word)}
    </span>
  );
}

function Acts({ agent, listen, letPass }: { agent: FloorAgent; listen: () => void; letPass: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const { person } = useSession();
  const mayListen = useMay('listen_in') !== null;
  const mayGrant = useMay('override_rules') !== null;
  const talk = agent.now;
  if (talk === null || agent.conversation_id === null) return null;
  const id = agent.conversation_id;
  const isUp = talk.state === 'talking' || talk.state === 'on_hold';
  const iListen = agent.listening.includes(person.id);
  const stop = () =>
    void stopListening(id)
      .catch(() => {})
      .finally(() => queries.invalidateQueries({ queryKey: FLOOR }));
  return (
    <>
      {agent.listening.length > 0 && (
        <span className="ink-3 small">{t('listening', { n: agent.listening.length })} </span>
      )}
      {mayListen && isUp && !iListen && (
        <Button
          size="small"
          icon={<Icon name="ear" />}
          aria-label={t('listenFor', { name: agent.name })}
          onClick={listen}
        >
          {t('listen')}
        </Button>
      )}
      {mayListen && iListen && (
        <Button size="small" onClick={stop}>
          {t('stop')}
        </Button>
      )}
      {mayGrant && talk.refusal?.is_grantable === true && (
        <Button size="small" aria-label={t('grantFor', { name: agent.name })} onClick={letPass}>
          {t('grant')}
        </Button>
      )}
    </>
  );
}

function ListenDialog({ agent, close }: { agent: FloorAgent; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const id = agent.conversation_id;
  return (
    <ActDialog
      title={t('listenFor', { name: agent.name })}
      act={t('go')}
      effect={t('listenEffect')}
      isBlocked={id === null}
      run={async () => id !== null && listenIn(id)}
      done={() => queries.invalidateQueries({ queryKey: FLOOR })}
      close={close}
    />
  );
}

function GrantDialog({ agent, close }: { agent: FloorAgent; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const { language } = useLanguage();
  const { case_id, account_id } = agent;
  return (
    <ActDialog
      title={t('grantFor', { name: agent.name })}
      act={t('grant')}
      effect={
        <>
          {agent.now?.refusal?.words[language]}
          <br />
          {t('grantEffect')}
        </>
      }
      reason={t('reason')}
      isBlocked={case_id === null}
      run={async (reason) => case_id !== null && grant({ case_id, account_id, reason, minutes: 60 })}
      done={() => queries.invalidateQueries({ queryKey: FLOOR })}
      close={close}
    />
  );
}
