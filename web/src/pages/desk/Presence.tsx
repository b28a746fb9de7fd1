// What the agent is doing, and the way to something else: ready, a break with its reason, away. In a talk it holds afterwards.
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useLanguage, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTimes } from '../../time';
import type { DeskPage } from './api';
import { presenceShown } from './legs';
import { useEither } from './Softphone';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

const BUSY: readonly string[] = ['reserved', 'ringing', 'talking', 'wrapping_up', 'previewing'];

export function PresenceTag({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const say = useEither();
  const times = useTimes();
  const { word, tone } = presenceShown(page.me, page.conversation);
  const reason = usePauseWord(page, page.me.reason);
  const { calls_today: calls, completed_today: done, wrap_up_mean_ms: mean } = page.me;
  return (
    <>
      <span className={`tag tag-${tone}`} role="status">
        <span className="t-dot dk-tag-dot" aria-hidden="true" />
        {page.me.presence === 'paused' && reason !== null ? reason : say(word)}
      </span>
      <span className="dk-today">
        {t('today', { calls, done })}
        {mean !== null && ` · ${t('meanWrapUp', { length: times.length(mean) })}`}
      </span>
      {BUSY.includes(page.me.presence) && page.me.then !== null && page.me.then !== 'ready' && (
        <span className="tag tag-plain">{t(page.me.then === 'away' ? 'thenAway' : 'thenPaused')}</span>
      )}
    </>
  );
}

function usePauseWord(page: DeskPage, id: string | null): string | null {
  const t = useWords(words);
  const { language } = useLanguage();
  if (id === null) return null;
  if (id === 'phone_failed') return t('phoneFailedShort');
  if (id === 'signed_in') return t('signedInShort');
  const row = page.pause_reasons.find((one) => one.id === id);
  return row === undefined ? id : row[language];
}

export function PresenceActions({ page }: { page: DeskPage }) {
  const t = useWords(words);
  const { language } = useLanguage();
  const { door } = useDesk();
  const order = useOrder();
  const { presence, then } = page.me;
  const isBusy = BUSY.includes(presence);
  const hasPhone = page.me.phone.kind !== 'none';
  const isOff = presence === 'away' || presence === 'paused' || (isBusy && then !== null && then !== 'ready');
  const [isOpen, setOpen] = useState(false);
  const mayPause = hasPhone && !(isBusy && isOff);
  useShortcuts(mayPause ? [{ keys: 'Alt+p', does: words.keyPause, run: () => setOpen(true) }] : []);
  return (
    <>
      {isOff && hasPhone && (
        <Button
          size="small"
          type={isBusy ? 'default' : 'primary'}
          icon={<Icon name="headset" />}
          loading={order.isRunning}
          onClick={() => order.run(door.ready)}
        >
          {t('goReady')}
        </Button>
      )}
      {mayPause && (
        <Dropdown
          trigger={['click']}
          open={isOpen}
          onOpenChange={setOpen}
          autoFocus
          menu={{
            items: [
              ...page.pause_reasons.map((reason) => ({ key: reason.id, label: reason[language] })),
              { type: 'divider' as const },
              { key: 'away', label: t('goAway') },
            ],
            onClick: ({ key }) => order.run(() => (key === 'away' ? door.away() : door.pause(key))),
          }}
        >
          <Button size="small" icon={<Icon name="hold" />} loading={order.isRunning}>
            {t(isBusy ? 'pauseAfter' : 'pause')}
          </Button>
        </Dropdown>
      )}
      {order.error !== null && <ErrorLine error={order.error} />}
    </>
  );
}
