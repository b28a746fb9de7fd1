// What each party's telephone is doing, in words: its own state, its own failure, never the other's.
import type { Word } from '../../i18n';
import type { Leg, Me, Presence, Said, Talk, TalkState } from './api';
import { words } from './words';

export type Side = 'agent' | 'patient';
export type Tone = 'ok' | 'patient' | 'plain' | 'warn' | 'bad';

export interface LegShown {
  word: Word | Said;
  tone: Tone;
  /** Sound goes both ways: only then is a wave drawn. */
  isUp: boolean;
  /** The sentence under it where the leg failed. */
  failed: Said | null;
}

/** Endings that are nobody's failure. */
const ORDINARY: readonly string[] = ['hung_up', 'other_ended', 'ordered'];

export function legShown(side: Side, leg: Leg | null, state: TalkState | null, isMuted = false): LegShown {
  if (leg === null) return { word: words.noLeg, tone: 'plain', isUp: false, failed: null };
  if (leg.ending !== null) {
    const isFailure = !ORDINARY.includes(leg.ending.end);
    return {
      word: leg.ending.words,
      tone: isFailure ? 'bad' : 'plain',
      isUp: false,
      failed: isFailure ? leg.ending.words : null,
    };
  }
  const isHeld = side === 'patient' && state === 'on_hold';
  switch (leg.state) {
    case 'calling':
      return { word: words.legCalling, tone: 'plain', isUp: false, failed: null };
    case 'ringing':
      return { word: words.legRinging, tone: 'warn', isUp: false, failed: null };
    case 'early_media':
      return {
        word: side === 'agent' ? words.legRinging : words.legEarly,
        tone: 'warn',
        isUp: false,
        failed: null,
      };
    case 'on_hold':
      return { word: words.legOwnHold, tone: 'plain', isUp: false, failed: null };
    case 'talking':
      if (isHeld) return { word: words.legHold, tone: 'plain', isUp: false, failed: null };
      if (side === 'agent' && isMuted) {
        return { word: words.legMuted, tone: 'warn', isUp: false, failed: null };
      }
      if (side === 'agent') return { word: words.legUp, tone: 'ok', isUp: true, failed: null };
      return { word: words.legTalking, tone: 'patient', isUp: true, failed: null };
    case 'ending':
      return { word: words.legEnding, tone: 'plain', isUp: false, failed: null };
    case 'ended':
      return { word: words.legEnded, tone: 'plain', isUp: false, failed: null };
  }
}

/** Both legs are up: only then is it said that they talk. */
export const areBridged = (talk: Talk): boolean =>
  talk.state === 'talking' &&
  talk.agent_leg?.state === 'talking' &&
  talk.patient_leg?.state === 'talking' &&
  talk.agent_leg.ending === null &&
  talk.patient_leg.ending === null;

const PRESENCES: Record<Presence, readonly [Word, Tone]> = {
  away: [words.away, 'plain'],
  ready: [words.ready, 'ok'],
  previewing: [words.previewing, 'ok'],
  reserved: [words.reserved, 'warn'],
  ringing: [words.ringing, 'warn'],
  talking: [words.talking, 'ok'],
  wrapping_up: [words.wrappingUp, 'ok'],
  paused: [words.paused, 'warn'],
};

/** What an agent is doing, no more than is true. */
export function presenceOf(presence: Presence, state: TalkState | null): { word: Word; tone: Tone } {
  const [word, tone] = PRESENCES[presence];
  if (presence !== 'talking' || state === null) return { word, tone };
  switch (state) {
    case 'beginning':
    case 'calling_patient':
      return { word: words.callingPatient, tone: 'warn' };
    case 'ringing_agent':
      return { word: words.ringing, tone: 'warn' };
    case 'on_hold':
      return { word: words.onHold, tone: 'plain' };
    case 'patient_waiting':
    case 'agent_lost':
      return { word: words.keptShort, tone: 'warn' };
    case 'transferring':
    case 'transferred':
      return { word: words.transferShort, tone: 'plain' };
    case 'call_back_offered':
    case 'ending':
    case 'ended':
    case 'previewing':
      return { word: words.legEnding, tone: 'plain' };
    case 'talking':
      return { word, tone };
  }
}

/** The tag beside the title of the desk. */
export const presenceShown = (me: Me, talk: Talk | null): { word: Word; tone: Tone } =>
  presenceOf(me.presence, talk?.state ?? null);
