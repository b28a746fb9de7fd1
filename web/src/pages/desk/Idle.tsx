// Nothing in hand: why, what comes next, and whether the phone is there. Each state is a sentence and one action.
import { Button } from 'antd';
import { useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import type { DeskPage } from './api';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

export function Idle({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const sayWord = useSay();
  const { door } = useDesk();
  const order = useOrder();
  const { me } = page;
  const isOff = me.presence === 'away' || me.presence === 'paused';
  const hasPhone = me.phone.kind !== 'none';
  const canTake = me.presence === 'ready' && hasPhone && page.upcoming.length > 0 && !isUsedUp(page);
  // Nobody else waits: the one that went back can be taken again.
  const again = me.presence === 'ready' && hasPhone && !canTake && !isUsedUp(page) ? page.given_back : null;
  const go = () => {
    if (!hasPhone) return;
    if (isOff) order.run(door.ready);
    else if (canTake) order.run(door.next);
    else if (again !== null) order.run(() => door.pick(again.case_id));
  };
  const act = isOff ? words.goReady : again === null ? words.takeNext : words.takeBack;
  useShortcuts([{ keys: 'Enter', does: act, run: go }]);
  return (
    <section className="card dk-idle" aria-live="polite">
      <h2>{t('idleTitle')}</h2>
      <Why page={page} />
      {hasPhone && (isOff || canTake || again !== null) && (
        <Button type="primary" size="large" loading={order.isRunning} onClick={go}>
          {sayWord(act)} <kbd>Enter</kbd>
        </Button>
      )}
      {order.error !== null && <ErrorLine error={order.error} />}
    </section>
  );
}

const isUsedUp = (page: DeskPage): boolean =>
  page.me.calls_a_day > 0 && page.me.calls_today >= page.me.calls_a_day;

function Why({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const times = useTimes();
  const { me } = page;
  if (me.phone.kind === 'none') return <p>{t('idleNoPhone')}</p>;
  if (me.presence === 'paused' && me.reason === 'phone_failed') return <p>{t('phoneFailed')}</p>;
  if (me.presence === 'paused' && me.reason === 'signed_in') return <p>{t('readyText')}</p>;
  if (me.presence === 'paused') return <p>{t('pausedText')}</p>;
  if (me.presence === 'away') return <p>{t('readyText')}</p>;
  if (me.presence === 'reserved' || me.presence === 'ringing') return <p>{t('reservedText')}</p>;
  if (page.given_back !== null && me.presence === 'ready') {
    return <p role="status">{t('givenBack', { name: page.given_back.name ?? t('thePatient') })}</p>;
  }
  if (isUsedUp(page)) return <p>{t('limit')}</p>;
  if (page.upcoming.length === 0) {
    return (
      <p>
        {t('noneDue')}
        {page.next_appointment_at !== null && t('nextAt', { at: times.minute(page.next_appointment_at) })}
      </p>
    );
  }
  return <p>{t('waitingText')}</p>;
}

/** How the phone on the desk is reached; without one, what makes one. */
export function PhoneCard({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const { person } = useSession();
  const times = useTimes();
  const { phone, reason, presence } = page.me;
  const isGone = phone.standing === 'gone';
  const hasFailed = isGone || (presence === 'paused' && reason === 'phone_failed');
  const since = phone.standing_since_at === null ? null : times.minute(phone.standing_since_at);
  return (
    <Card title={t('phoneTitle')} className="dk-phone">
      {phone.kind === 'none' ? (
        <div className="dk-pad-line">
          <p className="dk-phone-state is-missing">
            <Icon name="warning" /> <b>{t('phoneNone')}</b>
          </p>
          <p className="ink-2">{t('phoneNoneWhy')}</p>
          <code className="mono">aftercall phone add 8001 --agent {person.account ?? person.name}</code>
        </div>
      ) : (
        <div className="dk-pad-line">
          <p className={hasFailed ? 'dk-phone-state is-missing' : 'dk-phone-state'}>
            <Icon name={hasFailed ? 'warning' : 'phone'} /> <b>{phone.name}</b>
            {phone.standing !== 'unknown' && (
              <span className={isGone ? 'tag tag-warn' : 'tag tag-ok'} role="status">
                {isGone
                  ? since === null
                    ? t('phoneIsGone')
                    : t('phoneIsGoneSince', { since })
                  : t('phoneIsThere', { since: since ?? '' })}
              </span>
            )}
          </p>
          <p className="ink-2">{t(phone.kind === 'behind' ? 'phoneByNumber' : 'phoneRegisters')}</p>
          {hasFailed && <p className="ink-2">{t(isGone ? 'phoneGoneHow' : 'phoneFailedHow')}</p>}
        </div>
      )}
    </Card>
  );
}
