// What a line does now. The shape carries the state; the word stands beside it in tags and is the cell's name in the line wall.
import { useSay, type Word } from '../i18n';
import './components.css';

export type CallStateName =
  | 'idle'
  | 'dialing'
  | 'ringing'
  | 'early_media'
  | 'talking'
  | 'waiting_key'
  | 'with_agent'
  | 'waiting_person'
  | 'on_hold'
  | 'failed';

export const callStateNames: Record<CallStateName, Word> = {
  idle: ['空闲', 'Idle'],
  dialing: ['拨号', 'Dialling'],
  ringing: ['振铃', 'Ringing'],
  early_media: ['早期媒体', 'Early media'],
  talking: ['通话', 'Talking'],
  waiting_key: ['等按键', 'Waiting for key'],
  with_agent: ['坐席通话', 'With agent'],
  waiting_person: ['等人工', 'Waiting for a person'],
  on_hold: ['保持', 'On hold'],
  failed: ['故障', 'Failed'],
};

const box = { x: 1.7, y: 1.7, width: 20.6, height: 20.6, rx: 5, strokeWidth: 1.6 };
const full = { x: 1, y: 1, width: 22, height: 22, rx: 5 };

function shape(state: CallStateName) {
  switch (state) {
    case 'idle':
      return <rect {...box} fill="none" stroke="var(--line-2)" />;
    case 'dialing':
      return (
        <>
          <rect {...box} fill="none" stroke="var(--line-2)" />
          <path d="M7 12h10" stroke="var(--ink-3)" strokeWidth="2" />
        </>
      );
    case 'ringing':
      return (
        <>
          <rect {...box} fill="none" stroke="var(--hospital)" />
          <circle cx="12" cy="12" r="3" fill="var(--hospital)" />
        </>
      );
    case 'early_media':
      return (
        <>
          <rect {...box} fill="none" stroke="var(--hospital)" />
          <path
            d="M4 9L9 4M4 14.500L14.500 4M4 20L20 4M9.500 20L20 9.500M15 20L20 15"
            stroke="var(--hospital)"
            strokeWidth="1.700"
            opacity=".75"
          />
        </>
      );
    case 'talking':
      return <rect {...full} fill="var(--hospital)" />;
    case 'waiting_key':
      return (
        <>
          <rect {...full} fill="var(--hospital)" />
          <circle cx="12" cy="12" r="4" fill="var(--patient)" stroke="var(--surface)" strokeWidth="1.500" />
        </>
      );
    case 'with_agent':
      return (
        <>
          <rect {...full} fill="var(--d-appointment)" />
          <path
            d="M7.500 13v-1.500a4.500 4.500 0 0 1 9 0V13"
            stroke="var(--surface)"
            strokeWidth="1.800"
            fill="none"
          />
        </>
      );
    case 'waiting_person':
      return (
        <>
          <rect {...full} fill="var(--patient)" />
          <path
            d="M12 7v5.500l3 2"
            stroke="var(--surface)"
            strokeWidth="1.900"
            fill="none"
            strokeLinecap="round"
          />
        </>
      );
    case 'on_hold':
      return (
        <>
          <rect {...box} fill="none" stroke="var(--hospital)" />
          <path d="M9.500 8v8M14.500 8v8" stroke="var(--hospital)" strokeWidth="2" />
        </>
      );
    case 'failed':
      return (
        <>
          <rect {...box} fill="var(--bad-soft)" stroke="var(--bad)" />
          <path d="M8 8l8 8M16 8l-8 8" stroke="var(--bad)" strokeWidth="1.800" />
        </>
      );
  }
}

export function CallStateCell({ state, size = 24 }: { state: CallStateName; size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      style={{ display: 'block', flex: 'none' }}
    >
      {shape(state)}
    </svg>
  );
}

export function CallState({ state }: { state: CallStateName }) {
  const sayWord = useSay();
  return (
    <span className="d-tag">
      <CallStateCell state={state} size={16} />
      {sayWord(callStateNames[state])}
    </span>
  );
}
