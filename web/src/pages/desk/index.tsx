// The agent's desk: whom am I talking to, what do I say now, what is left?
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { useConnection } from '../../api/connection';
import { FailedCard } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import type { DeskPage, Talk } from './api';
import { Banners } from './Banners';
import { CallBackDialog, TicketDialog, useCallBackOffers, useFollowUpOffers } from './Dialogs';
import './desk.css';
import { GuidedForm } from './GuidedForm';
import { History } from './History';
import { Idle, PhoneCard } from './Idle';
import { NotesCard } from './NotesCard';
import { Numbers } from './Numbers';
import { OutcomeCard } from './OutcomeCard';
import { type Draft, EMPTY } from './outcomes';
import { PatientCard } from './PatientCard';
import { PresenceActions, PresenceTag } from './Presence';
import { Softphone } from './Softphone';
import { UpNext } from './UpNext';
import { DeskProvider, useDesk } from './useDesk';
import { words } from './words';

export default function Desk() {
  return (
    <DeskProvider>
      <DeskBody />
    </DeskProvider>
  );
}

/** Without its provider, for tests. */
export function DeskBody() {
  const t = useWords(words);
  const { page, error, refresh } = useDesk();
  if (page === null) {
    return (
      <>
        <PageHeader title={t('title')} />
        {error === null ? (
          <Coming />
        ) : (
          <div className="fill">
            <FailedCard error={error} retry={refresh} what={t('failed')} />
          </div>
        )}
      </>
    );
  }
  return <Shown page={page} />;
}

function Shown({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const times = useTimes();
  const { isStale, isElsewhere, comeBack, now } = useDesk();
  const { isLost } = useConnection();
  return (
    <>
      <PageHeader
        title={t('title')}
        context={<PresenceTag page={page} />}
        actions={<PresenceActions page={page} />}
      />
      <div className={isStale ? 'fill dk is-stale' : 'fill dk'}>
        {isElsewhere && (
          <p className="dk-note-bar is-warn" role="alert">
            <Icon name="warning" /> {t('elsewhere')}
            <Button size="small" onClick={comeBack}>
              {t('comeBack')}
            </Button>
          </p>
        )}
        {isStale && !isElsewhere && !isLost && (
          <p className="dk-note-bar is-warn" role="alert">
            <Icon name="warning" /> {t('stale', { at: times.clock(now) })}
          </p>
        )}
        <Softphone talk={page.conversation} />
        <Banners page={page} />
        {page.conversation === null ? (
          <Nothing page={page} />
        ) : (
          <InHand key={page.conversation.id} page={page} talk={page.conversation} />
        )}
      </div>
    </>
  );
}

function Nothing({ page }: { page: DeskPage }) {
  return (
    <div className="dk-columns is-idle">
      <div className="dk-left">
        <PhoneCard page={page} />
      </div>
      <Idle page={page} />
      <div className="dk-right">
        <UpNext cases={page.upcoming} />
      </div>
    </div>
  );
}

type Dialog = 'ticket' | 'call_back' | 'follow_up' | null;

function InHand({ page, talk }: { page: DeskPage; talk: Talk }) {
  const t = useWords(words);
  const [draft, setDraft] = useState<Draft>(() => begun(talk));
  const [dialog, setDialog] = useState<Dialog>(null);
  const [isOpen, setOpen] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const callBackOffers = useCallBackOffers();
  const followUpOffers = useFollowUpOffers();
  const change = (more: Partial<Draft>) => setDraft((before) => ({ ...before, ...more }));
  const toOutcome = () => {
    setOpen(true);
    requestAnimationFrame(() => grid.current?.querySelector('button')?.focus());
  };
  useShortcuts([
    { keys: ']', does: words.keyPanel, run: () => setOpen((on) => !on) },
    { keys: 'Alt+o', does: words.keyOutcome, run: toOutcome },
  ]);
  return (
    <>
      <div className="dk-columns">
        <div className="dk-left">
          <PatientCard talk={talk} />
          <Numbers talk={talk} />
          <History talk={talk} />
        </div>
        <GuidedForm talk={talk} callBack={() => setDialog('call_back')} toOutcome={toOutcome} />
        <button type="button" className="dk-opens" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t('panel')} <kbd>]</kbd>
        </button>
        <aside className={isOpen ? 'dk-right is-open' : 'dk-right'} aria-label={t('panel')}>
          <NotesCard talk={talk} open={setDialog} />
          <OutcomeCard talk={talk} draft={draft} change={change} grid={grid} />
          <UpNext cases={page.upcoming} />
        </aside>
      </div>
      {dialog === 'ticket' && <TicketDialog talk={talk} close={() => setDialog(null)} />}
      {dialog === 'call_back' && (
        <CallBackDialog
          close={() => setDialog(null)}
          title={t('callBackTitle')}
          effect={t('callBackEffect')}
          offers={callBackOffers}
          chosen={(text) => change({ outcome: 'appointment', appointAt: text })}
        />
      )}
      {dialog === 'follow_up' && (
        <CallBackDialog
          close={() => setDialog(null)}
          title={t('followUp')}
          effect={t('followUpEffect')}
          offers={followUpOffers}
          chosen={(text) => change({ followUpAt: text })}
        />
      )}
    </>
  );
}

/** What was chosen before, in another tab or before a reload. */
const begun = (talk: Talk): Draft => ({ ...EMPTY, outcome: talk.outcome, cause: talk.cause ?? '' });

/** The page's own shape while the desk is on the way. */
function Coming() {
  const t = useWords(words);
  return (
    <div className="fill dk dk-skeleton" role="status" aria-busy="true">
      <span className="unseen">{t('loading')}</span>
      <div className="card dk-bar" />
      <div className="dk-columns">
        <div className="dk-left">
          <div className="card" />
          <div className="card" />
        </div>
        <div className="card" />
        <div className="dk-right">
          <div className="card" />
          <div className="card" />
        </div>
      </div>
    </div>
  );
}
