// The floor: which agent does what now, since when; and a supervisor's silent listening, which is written down.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { EmptyLine } from '../../components/EmptyLine';
import { CardError, ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useSay, useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { legShown, presenceOf } from '../desk/legs';
import { clock } from '../desk/time';
import { type FloorAgent, type FloorPage, listenIn, readFloor, stopListening } from './api';
import { useNow } from './useNow';
import './floor.css';
import { words } from './words';

const EVERY_MS = 2_000;
const FLOOR = ['floor'] as const;

export default function Floor() {
  const t = useWords(words);
  const floor = useQuery({ queryKey: FLOOR, queryFn: readFloor, refetchInterval: EVERY_MS, staleTime: 0 });
  const agents = floor.data?.agents ?? [];
  const many = (of: readonly string[]) => agents.filter((one) => of.includes(one.presence)).length;
  return (
    <>
      <PageHeader
        title={t('title')}
        {...(floor.data === undefined
          ? {}
          : {
              context: t('counts', {
                talking: many(['ringing', 'talking', 'wrapping_up']),
                ready: many(['ready', 'previewing', 'reserved']),
                off: many(['away', 'paused']),
              }),
            })}
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
  const mayListen = useMay('listen_in') !== null;
  const [asked, setAsked] = useState<FloorAgent | null>(null);
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
            <th scope="col">{t('talk')}</th>
            <th scope="col">{t('patientLeg')}</th>
            <th scope="col">{t('phone')}</th>
            <th scope="col" className="num">
              {t('today')}
            </th>
            {mayListen && <th scope="col" aria-label={t('listen')} />}
          </tr>
        </thead>
        <tbody>
          {page.agents.map((agent) => (
            <Row
              key={agent.account_id}
              agent={agent}
              page={page}
              now={now}
              {...(mayListen ? { listen: () => setAsked(agent) } : {})}
            />
          ))}
        </tbody>
      </table>
      <ListenDialog agent={asked} close={() => setAsked(null)} />
    </>
  );
}

function Row({
  agent,
  page,
  now,
  listen,
}: {
  agent: FloorAgent;
  page: FloorPage;
  now: number;
  listen?: () => void;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const sayWord = useSay();
  const queries = useQueryClient();
  const { conversation: talk } = agent;
  const shown = presenceOf(agent.presence, talk?.state ?? null);
  const pause = page.pause_reasons.find((one) => one.id === agent.reason)?.[language];
  const reason =
    agent.reason === 'phone_failed' ? t('byPhone') : agent.reason === 'signed_in' ? t('signedIn') : pause;
  const leg = talk === null ? null : legShown('patient', talk.patient_leg, talk.state);
  const isUp = talk !== null && (talk.state === 'talking' || talk.state === 'on_hold');
  const stop = () => {
    if (talk === null) return;
    void stopListening(talk.conversation_id).finally(() => queries.invalidateQueries({ queryKey: FLOOR }));
  };
  return (
    <tr>
      <th scope="row">{agent.name}</th>
      <td>
        <span className={`tag tag-${shown.tone}`}>
          <span className="fl-dot" aria-hidden="true" />
          {agent.presence === 'paused' && reason !== undefined ? reason : sayWord(shown.word)}
        </span>
      </td>
      <td className="num">{agent.since_at === null ? '—' : clock(now - Date.parse(agent.since_at))}</td>
      <td>
        {talk === null ? (
          <span className="ink-3">—</span>
        ) : (
          <>
            <b>{talk.patient ?? '—'}</b> <span className="ink-2">{talk.campaign}</span>
          </>
        )}
      </td>
      <td>
        {leg !== null && talk?.patient_leg !== null && (
          <span className={`tag tag-${leg.tone}`}>
            {'zh' in leg.word ? leg.word[language] : sayWord(leg.word)}
          </span>
        )}
        {talk !== null && talk.listening.length > 0 && (
          <span className="ink-3 small"> {t('listening', { names: talk.listening.join('、') })}</span>
        )}
      </td>
      <td className="ink-2">{agent.phone ?? '—'}</td>
      <td className="num">
        {agent.completed_today} / {agent.calls_today}
      </td>
      {listen !== undefined && (
        <td className="num">
          {isUp && !talk.i_listen && (
            <Button
              size="small"
              icon={<Icon name="ear" />}
              aria-label={t('listenFor', { name: agent.name })}
              onClick={listen}
            >
              {t('listen')}
            </Button>
          )}
          {isUp && talk.i_listen && (
            <Button size="small" onClick={stop}>
              {t('stop')}
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

function ListenDialog({ agent, close }: { agent: FloorAgent | null; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [error, setError] = useState<ApiError | null>(null);
  const [isGoing, setGoing] = useState(false);
  const go = () => {
    const talk = agent?.conversation;
    if (talk == null) return;
    setGoing(true);
    setError(null);
    listenIn(talk.conversation_id)
      .then(close)
      .catch((why: unknown) => setError(ApiError.of(why)))
      .finally(() => {
        setGoing(false);
        void queries.invalidateQueries({ queryKey: FLOOR });
      });
  };
  return (
    <Modal
      open={agent !== null}
      onCancel={close}
      afterClose={() => setError(null)}
      title={agent === null ? '' : t('listenFor', { name: agent.name })}
      width={420}
      closable={{ 'aria-label': t('close') }}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button key="go" type="primary" loading={isGoing} onClick={go}>
          {t('go')}
        </Button>,
      ]}
    >
      <p>{t('listenEffect')}</p>
      {error !== null && <ErrorLine error={error} />}
    </Modal>
  );
}
