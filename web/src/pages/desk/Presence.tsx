// What the agent is doing, and the way to something else: ready, a break with its reason, away. In a talk it holds afterwards.
import { Button } from 'antd';
import { useRef, useState } from 'react';
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

/** The control core pictures itself more often. */
const SETTLES_MS = 500;

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
  const { door, refresh } = useDesk();
  const order = useOrder();
  // What follows the call is in the picture a moment after the order, and no event tells of it.
  const settle = () => void setTimeout(refresh, SETTLES_MS);
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
          onClick={() => order.run(door.ready, settle)}
        >
          {t('goReady')}
        </Button>
      )}
      {mayPause && (
        <span className="dk-break">
          <Button
            size="small"
            icon={<Icon name="hold" />}
            loading={order.isRunning}
            aria-haspopup="menu"
            aria-expanded={isOpen}
            aria-keyshortcuts="Alt+P"
            onClick={() => setOpen(!isOpen)}
          >
            {t(isBusy ? 'pauseAfter' : 'pause')}
          </Button>
          {isOpen && (
            <Reasons
              reasons={page.pause_reasons
                .filter((reason) => reason.is_offered)
                .map((reason) => [reason.id, reason[language]] as const)}
              close={() => setOpen(false)}
              choose={(id) => order.run(() => (id === AWAY ? door.away() : door.pause(id)), settle)}
            />
          )}
        </span>
      )}
      {order.error !== null && <ErrorLine error={order.error} />}
    </>
  );
}

const AWAY = 'away';

/** Why one pauses, and leaving: by arrows and Enter, or a click; Esc and a click elsewhere close it. */
function Reasons({
  reasons,
  choose,
  close,
}: {
  reasons: readonly (readonly [string, string])[];
  choose: (id: string) => void;
  close: () => void;
}) {
  const t = useWords(words);
  const menu = useRef<HTMLDivElement>(null);
  const move = (by: number) => {
    const items = [...(menu.current?.querySelectorAll('button') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    items[(at + by + items.length) % items.length]?.focus();
  };
  return (
    <div
      ref={menu}
      role="menu"
      tabIndex={-1}
      className="dk-menu"
      onBlur={(event) => {
        if (!event.currentTarget.parentElement?.contains(event.relatedTarget)) close();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'ArrowDown') move(1);
        if (event.key === 'ArrowUp') move(-1);
        if (event.key === 'Escape') close();
      }}
    >
      {[...reasons, [AWAY, t('goAway')] as const].map(([id, word], at) => (
        <button
          key={id}
          type="button"
          role="menuitem"
          // biome-ignore lint/a11y/noAutofocus: the menu was just opened to choose from
          autoFocus={at === 0}
          onClick={() => {
            close();
            choose(id);
          }}
        >
          {word}
        </button>
      ))}
    </div>
  );
}
