// The bar of the call: both legs with their real state, the clock, whether it is recorded, and what can be done with it now.
import { useState } from 'react';
import { useSession } from '../../api/session';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon, type IconName } from '../../components/Icon';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import type { Leg, Said, Talk } from './api';
import { Keypad } from './Keypad';
import { areBridged, legShown, type Side } from './legs';
import { isOver, isPreviewOver } from './outcomes';
import { SkipDialog } from './SkipDialog';
import { Transfer } from './Transfer';
import { clock } from './time';
import { useDesk, useOrder } from './useDesk';
import { useHeld } from './useHeld';
import { words } from './words';

export function Softphone({ talk }: { talk: Talk | null }) {
  const t = useWords(words);
  return (
    <section className="card dk-bar" aria-label={t('bar')}>
      <LegShown side="agent" talk={talk} />
      <Bridge isUp={talk !== null && areBridged(talk)} />
      <LegShown side="patient" talk={talk} />
      {talk !== null && <Clock talk={talk} />}
      {talk !== null && <Controls talk={talk} />}
    </section>
  );
}

/** A word that is ours, or a sentence that the daemon made. */
export function useEither(): (word: readonly [string, string] | Said) => string {
  const sayWord = useSay();
  const { language } = useLanguage();
  return (word) => ('zh' in word ? word[language] : sayWord(word));
}

function LegShown({ side, talk }: { side: Side; talk: Talk | null }) {
  const t = useWords(words);
  const say = useEither();
  const { person } = useSession();
  const { page } = useDesk();
  const leg: Leg | null = talk === null ? null : side === 'agent' ? talk.agent_leg : talk.patient_leg;
  const shown = legShown(side, leg, talk?.state ?? null, talk?.is_muted);
  const number = talk?.case.numbers.find((one) => one.is_current)?.number;
  const title =
    side === 'agent'
      ? `${t('agentLeg')} · ${person.name}`
      : number === undefined
        ? t('patientLeg')
        : `${t('patientLeg')} · ${number}`;
  const phone = page?.me.phone.name;
  const below =
    side === 'agent'
      ? phone == null
        ? t('phoneNone')
        : t('phoneOf', { name: phone })
      : (talk?.case.campaign ?? t('noTalk'));
  return (
    <div className={`dk-leg dk-leg-${side}`}>
      <span className="dk-leg-mark" aria-hidden="true">
        <Icon name={side === 'agent' ? 'headset' : 'person'} />
      </span>
      <div className="dk-leg-who">
        <b>{title}</b>
        <span className="ink-3 small">{shown.failed === null ? below : ''}</span>
      </div>
      {shown.failed === null && <Wave isUp={shown.isUp} side={side} />}
      <span
        className={`tag tag-${shown.tone} dk-leg-state`}
        role="status"
        aria-label={`${side === 'agent' ? t('agentLeg') : t('patientLeg')}：${say(shown.word)}`}
      >
        {shown.isUp && <Icon name="check" />}
        {side === 'agent' && talk?.is_muted === true && <Icon name="muted" />}
        {shown.failed !== null && <Icon name="warning" />}
        <span>{say(shown.word)}</span>
      </span>
    </div>
  );
}

const HEIGHTS: Record<Side, readonly number[]> = {
  agent: [4, 8, 6, 2, 7, 9, 2, 3, 10, 5, 2, 7, 5, 4],
  patient: [10, 12, 2, 4, 9, 12, 2, 6, 14, 3, 7, 7, 4, 3],
};

/** The sign that sound goes through; a flat line while it does not. It is no meter. */
function Wave({ isUp, side }: { isUp: boolean; side: Side }) {
  return (
    <svg className="dk-wave" width="56" height="20" viewBox="0 0 56 20" aria-hidden="true">
      {HEIGHTS[side].map((height, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move
          key={at}
          x={at * 4}
          y={10 - (isUp ? height : 1.6) / 2}
          width="2.4"
          height={isUp ? height : 1.6}
          rx="1"
          fill={isUp ? `var(--${side === 'agent' ? 'hospital' : 'patient'})` : 'var(--line-2)'}
        />
      ))}
    </svg>
  );
}

function Bridge({ isUp }: { isUp: boolean }) {
  return (
    <div className={isUp ? 'dk-bridge is-up' : 'dk-bridge'} aria-hidden="true">
      <i />
      {isUp ? <Icon name="swap" /> : <Icon name="dots" />}
      <i />
    </div>
  );
}

function Clock({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { now, page } = useDesk();
  const me = page?.me;
  const until = talk.state === 'previewing' ? talk.preview_until_at : (me?.until_at ?? null);
  const counts = talk.state === 'previewing' || me?.presence === 'wrapping_up';
  if (counts && until !== null) {
    const left = Math.max(0, Date.parse(until) - now);
    const whole = talk.state === 'previewing' ? 30_000 : 120_000;
    return (
      <div className="dk-clock dk-countdown" role="timer">
        <Ring part={Math.min(1, left / whole)} />
        <div>
          <b>{clock(left)}</b>
          <span className="ink-3 small">
            {t(talk.state === 'previewing' ? 'previewShort' : 'wrapUpShort')}
          </span>
        </div>
      </div>
    );
  }
  const ended = talk.patient_leg?.ending?.talk_ms ?? (talk.state === 'ended' ? 0 : null);
  const since = talk.patient_leg?.state === 'talking' ? talk.patient_leg.since_at : talk.state_since_at;
  const passed = ended ?? (since === null ? 0 : now - Date.parse(since));
  return (
    <div className="dk-clock" role="timer" aria-label={t('talkTime')}>
      <b>{clock(passed)}</b>
      <RecordingState talk={talk} />
    </div>
  );
}

function RecordingState({ talk }: { talk: Talk }) {
  const t = useWords(words);
  switch (talk.recording) {
    case 'on':
      return (
        <span className="dk-rec is-on">
          <i aria-hidden="true" /> {t('recordingOn')}
        </span>
      );
    case 'paused':
      return (
        <span className="dk-rec is-paused">
          <i aria-hidden="true" /> {t('recordingOff')}
        </span>
      );
    case 'off':
      return <span className="dk-rec">{t('recordingNone')}</span>;
  }
}

export function Ring({ part }: { part: number }) {
  const round = 2 * Math.PI * 14;
  return (
    <svg className="dk-ring" viewBox="0 0 34 34" width="34" height="34" aria-hidden="true">
      <circle cx="17" cy="17" r="14" stroke="var(--line)" strokeWidth="4" fill="none" />
      <circle
        cx="17"
        cy="17"
        r="14"
        stroke="var(--primary)"
        strokeWidth="4"
        fill="none"
        strokeLinecap="round"
        strokeDasharray={`${round * part} ${round}`}
        transform="rotate(-90 17 17)"
      />
    </svg>
  );
}

function Controls({ talk }: { talk: Talk }) {
  const { page } = useDesk();
  if (talk.state === 'previewing') return <PreviewControls talk={talk} />;
  if (page !== null && isOver(talk, page.me.presence)) return null;
  return <TalkControls talk={talk} />;
}

function PreviewControls({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { now } = useDesk();
  if (isPreviewOver(talk, now)) {
    return (
      <p className="dk-over" role="status">
        {t('previewOver')}
      </p>
    );
  }
  return <PreviewChoices talk={talk} />;
}

function PreviewChoices({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { door } = useDesk();
  const dial = useOrder();
  const [skips, setSkips] = useState(false);
  const go = () => dial.run(() => door.dial(talk.id, {}));
  useShortcuts([
    { keys: 'Enter', does: words.dialNow, run: go },
    { keys: 'x', does: words.skip, run: () => setSkips(true) },
  ]);
  return (
    <div className="dk-controls">
      {dial.error !== null && (
        <div className="dk-bar-error">
          <ErrorLine error={dial.error} />
        </div>
      )}
      <Control icon="cross" label={t('skip')} keys="X" run={() => setSkips(true)} />
      <button type="button" className="dk-control dk-dial" disabled={dial.isRunning} onClick={go}>
        <kbd>Enter</kbd>
        <Icon name="phone" size={18} />
        {t('dialNow')}
      </button>
      {skips && <SkipDialog talk={talk} close={() => setSkips(false)} />}
    </div>
  );
}

function TalkControls({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const { door } = useDesk();
  const order = useOrder();
  const end = useOrder();
  const [opens, setOpens] = useState<'keys' | 'transfer' | null>(null);
  const isUp = talk.state === 'talking' || talk.state === 'on_hold';
  const isHeld = talk.state === 'on_hold';
  const isPaused = talk.recording === 'paused';
  const isMuted = talk.is_muted;
  const mute = () => order.run(() => (isMuted ? door.unmute(talk.id) : door.mute(talk.id)));
  const hold = () => order.run(() => (isHeld ? door.resume(talk.id) : door.hold(talk.id)));
  const record = () =>
    order.run(() => (isPaused ? door.resumeRecording(talk.id) : door.pauseRecording(talk.id)));
  const hangUp = () => end.run(() => door.hangUp(talk.id));
  const held = useHeld('Escape', 1_000, hangUp);
  useShortcuts(
    isUp
      ? [
          { keys: 'F2', does: words.mute, run: mute },
          { keys: 'F4', does: words.hold, run: hold },
          { keys: 'F8', does: words.keypad, run: () => setOpens('keys') },
          { keys: 'F9', does: words.transfer, run: () => setOpens('transfer') },
        ]
      : [],
  );
  return (
    <div className="dk-controls">
      {(order.error ?? end.error) !== null && (
        <div className="dk-bar-error">
          <ErrorLine error={order.error ?? end.error} />
        </div>
      )}
      {isUp && (
        <>
          <Control
            icon={isMuted ? 'muted' : 'microphone'}
            label={t(isMuted ? 'unmute' : 'mute')}
            keys="F2"
            isOn={isMuted}
            run={mute}
          />
          <Control
            icon={isHeld ? 'play' : 'hold'}
            label={t(isHeld ? 'unhold' : 'hold')}
            keys="F4"
            isOn={isHeld}
            run={hold}
          />
          <Control icon="keypad" label={t('keypad')} keys="F8" run={() => setOpens('keys')} />
          <Control icon="transfer" label={t('transfer')} keys="F9" run={() => setOpens('transfer')} />
          {talk.recording !== 'off' && (
            <Control
              icon="lock"
              label={t(isPaused ? 'resumeRecording' : 'pauseRecording')}
              isOn={isPaused}
              run={record}
            />
          )}
        </>
      )}
      <button
        type="button"
        className="dk-control dk-end"
        onClick={hangUp}
        disabled={end.isRunning}
        title={t('hangUpHint')}
      >
        <i className="dk-held" style={{ transform: `scaleX(${held})` }} aria-hidden="true" />
        <kbd>Esc</kbd>
        <Icon name="hangUp" size={18} />
        {t('hangUp')}
      </button>
      <Keypad talk={talk} open={opens === 'keys'} close={() => setOpens(null)} />
      {opens === 'transfer' && <Transfer talk={talk} close={() => setOpens(null)} />}
    </div>
  );
}

function Control({
  icon,
  label,
  keys,
  isOn,
  run,
}: {
  icon: IconName;
  label: string;
  keys?: string;
  isOn?: boolean;
  run: () => void;
}) {
  return (
    <button
      type="button"
      className={isOn ? 'dk-control is-on' : 'dk-control'}
      {...(isOn === undefined ? {} : { 'aria-pressed': isOn })}
      onClick={run}
    >
      {keys !== undefined && <kbd>{keys}</kbd>}
      <Icon name={icon} size={18} />
      {label}
    </button>
  );
}
