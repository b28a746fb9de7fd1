// What stands between the bar and the columns: the stream is broken, a rule refused the call, the patient is kept, a call came in.
import { Button } from 'antd';
import { useState } from 'react';
import { useMay, useSession } from '../../api/session';
import { ActDialog } from '../../components/ActDialog';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useLanguage, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { again, type DeskPage, type Refusal, type Talk } from './api';
import { calledNobody } from './outcomes';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

/** Longer than a call and its wrap-up. */
const SAID_BEFORE_MS = 20 * 60_000;

export function Banners({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const talk = page.conversation;
  // A talk that goes on has answered what was refused before it.
  const isUp = talk?.state === 'talking' || talk?.state === 'on_hold';
  const refusal = talk?.refusal ?? (isUp ? null : page.me.refused);
  return (
    <>
      <SessionEnds />
      {talk !== null && talk.state === 'agent_lost' && (
        <section className="dk-kept" role="alert">
          <Icon name="headset" size={24} />
          <div>
            <b>{t('keptTitle')}</b>
            <p>{t('keptText')}</p>
          </div>
        </section>
      )}
      {talk !== null && (talk.state === 'transferring' || talk.state === 'transferred') && (
        <p className="dk-note-bar" role="status">
          <Icon name="transfer" /> {t(talk.state)}
        </p>
      )}
      {talk !== null && (talk.origin === 'asked_for' || talk.origin === 'called_in') && (
        <Incoming talk={talk} />
      )}
      {refusal !== null && <Refused talk={talk} refusal={refusal} />}
      {talk !== null && refusal === null && calledNobody(talk, page.me.presence) && (
        <NobodyCalled talk={talk} />
      )}
    </>
  );
}

/** However busy the desk is, a sign-in has an end: who knows it in time comes back between two calls. */
function SessionEnds() {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const { until_at } = useSession();
  if (Date.parse(until_at) - now > SAID_BEFORE_MS) return null;
  return (
    <p className="dk-note-bar is-warn" role="alert">
      <Icon name="warning" /> {t('sessionEnds', { at: times.minute(until_at) })}
    </p>
  );
}

/** A patient who asked for a person, or who called: the phone rings, the case is below. */
function Incoming({ talk }: { talk: Talk }) {
  const t = useWords(words);
  if (talk.state !== 'ringing_agent' && talk.state !== 'patient_waiting') return null;
  return (
    <p className="dk-note-bar is-incoming" role="alert">
      <Icon name="phone" />
      <b>{t(talk.origin === 'asked_for' ? 'askedForTitle' : 'calledInTitle')}</b>
      <span>{t(talk.origin === 'asked_for' ? 'askedFor' : 'incomingMatched')}</span>
      <b className="dk-space-left">{t('pickUp')}</b>
    </p>
  );
}

/** The agent's own phone failed: said as it is, and the same case can be tried again. */
function NobodyCalled({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { language } = useLanguage();
  return (
    <section className="dk-refused" role="alert">
      <Icon name="warning" size={20} />
      <div>
        <b>{t('refusedTitle')}</b> <span>{talk.agent_leg?.ending?.words[language]}</span>
      </div>
      <Again talk={talk} />
    </section>
  );
}

function Again({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { door } = useDesk();
  const order = useOrder();
  return (
    <>
      {order.error !== null && <ErrorLine error={order.error} />}
      <Button
        icon={<Icon name="retry" />}
        loading={order.isRunning}
        onClick={() => order.run(() => again(door, talk))}
      >
        {t('again')}
      </Button>
    </>
  );
}

function Refused({ talk, refusal }: { talk: Talk | null; refusal: Refusal }) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const mayGrant = useMay('override_rules') !== null;
  const [asks, setAsks] = useState(false);
  return (
    <section className="dk-refused" role="alert">
      <Icon name="warning" size={20} />
      <div>
        <b>{t('refusedTitle')}</b> <span>{refusal.words[language]}</span>
        {refusal.until_at !== null && (
          <span className="ink-2"> {t('refusedUntil', { at: times.minute(refusal.until_at) })}</span>
        )}
        {refusal.is_grantable && !mayGrant && <p className="ink-2">{t('grantAsk')}</p>}
      </div>
      {talk !== null && talk.state !== 'previewing' && <Again talk={talk} />}
      {talk !== null && refusal.is_grantable && mayGrant && (
        <Button onClick={() => setAsks(true)}>{t('grantOpen')}</Button>
      )}
      {talk !== null && asks && <GrantDialog talk={talk} refusal={refusal} close={() => setAsks(false)} />}
    </section>
  );
}

function GrantDialog({ talk, refusal, close }: { talk: Talk; refusal: Refusal; close: () => void }) {
  const t = useWords(words);
  const { language } = useLanguage();
  const { door, take } = useDesk();
  const current = talk.case.numbers.find((one) => one.is_current);
  const pass = async (reason: string) => {
    const by = current === undefined ? { reason } : { number_id: current.id, reason };
    // The conversation that was refused is over: the case comes anew, and is dialed with the reason.
    const page = await again(door, talk);
    take(page.conversation === null ? page : await door.dial(page.conversation.id, by));
  };
  return (
    <ActDialog
      title={t('grantTitle')}
      act={t('grantGo')}
      effect={
        <>
          {refusal.words[language]}
          <br />
          {t('grantEffect')}
        </>
      }
      reason={t('reason')}
      run={pass}
      close={close}
    />
  );
}
