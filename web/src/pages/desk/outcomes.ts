// What came of a talk: which outcomes there are, what each asks for, and what is still missing, said in words.
import type { Word } from '../../i18n';
import type { Conversation, Outcome, Presence } from './api';
import { words } from './words';

export const OUTCOMES: readonly Outcome[] = [
  'completed',
  'partial',
  'appointment',
  'third_party',
  'refused',
  'wrong_number',
  'deceased',
  'incapable',
];

/** Causes that an outcome asks for; one of them must be chosen. The Chinese word is what is written down. */
export const CAUSES: Partial<Record<Outcome, readonly Word[]>> = {
  partial: [
    ['患者挂断', 'Patient hung up'],
    ['不愿继续', 'Would not go on'],
    ['身体不适', 'Felt unwell'],
    ['听不清', 'Could not hear'],
  ],
  third_party: [
    ['家属接听', 'Relative'],
    ['护工接听', 'Carer'],
    ['本人不在', 'Patient away'],
    ['其他人', 'Somebody else'],
  ],
  refused: [
    ['没有时间', 'No time'],
    ['不信任来电', 'No trust in the call'],
    ['对服务不满', 'Unhappy with the service'],
    ['不愿说明', 'Would not say'],
  ],
  incapable: [
    ['听力障碍', 'Hearing'],
    ['认知障碍', 'Cognition'],
    ['病情较重', 'Too ill'],
    ['语言不通', 'Language'],
  ],
};

/** What is chosen so far. */
export interface Draft {
  outcome: Outcome | null;
  cause: string | null;
  /** As it was typed; read when it is sent. */
  appointAt: string;
  followUpAt: string;
  /** The effect of a death was confirmed. */
  confirmed: boolean;
}

export const EMPTY: Draft = { outcome: null, cause: null, appointAt: '', followUpAt: '', confirmed: false };

export interface Standing {
  /** Required questions without a value. */
  owed: number;
  /** Answers of the survey itself. */
  answers: number;
  /** Whether the patient's leg was ever up. */
  talked: boolean;
  /** Whether the talk is over. */
  over: boolean;
  /** What the line says where nobody was reached. */
  classified: string | null;
}

export function standingOf(
  talk: Conversation | null,
  presence: Presence,
  owed: number,
  answers: number,
): Standing {
  const over = talk !== null && (talk.state === 'ended' || presence === 'wrapping_up');
  const talked = talk?.talking_at != null;
  const classified = over && !talked ? (talk.patient?.ending?.disposition ?? 'unknown') : null;
  return { owed, answers, talked, over, classified };
}

/** Why an outcome cannot be chosen now; null: it can. */
export function locked(outcome: Outcome, at: Standing): { word: Word; n: number } | null {
  if (outcome === 'completed') {
    if (at.owed > 0) return { word: words.missOwed, n: at.owed };
    if (!at.talked) return { word: words.missTalk, n: 0 };
  }
  if (outcome === 'partial' && at.answers === 0) return { word: words.missAnswer, n: 0 };
  return null;
}

export type Missing = { word: Word; n: number; on: 'outcome' | 'cause' | 'time' | 'confirm' | 'call' };

/** What is missing before it can be submitted, the first thing first; null: nothing. */
export function missing(draft: Draft, at: Standing, timeIn: (text: string) => string | null): Missing | null {
  const { outcome } = draft;
  if (outcome === null) {
    if (at.classified !== null && at.classified !== 'unknown') return null;
    const lock = locked('completed', at);
    // Before the hang-up the sentence is about what is left to ask, afterwards about what to choose.
    if (!at.over && lock !== null && at.owed > 0) return { ...lock, on: 'outcome' };
    return { word: words.missOutcome, n: 0, on: 'outcome' };
  }
  const lock = locked(outcome, at);
  if (lock !== null) return { ...lock, on: 'outcome' };
  if (CAUSES[outcome] !== undefined && draft.cause === null) return { word: words.missCause, n: 0, on: 'cause' };
  if (outcome === 'appointment') {
    if (draft.appointAt.trim() === '') return { word: words.missTime, n: 0, on: 'time' };
    if (timeIn(draft.appointAt) === null) return { word: words.badTime, n: 0, on: 'time' };
  }
  if (draft.followUpAt.trim() !== '' && timeIn(draft.followUpAt) === null) {
    return { word: words.badTime, n: 0, on: 'time' };
  }
  if (outcome === 'deceased' && !draft.confirmed) return { word: words.missEffect, n: 0, on: 'confirm' };
  if (!at.over) return { word: words.missHangUp, n: 0, on: 'call' };
  return null;
}

/** After a death nothing further is asked or offered. */
export const isQuiet = (outcome: Outcome | null): boolean => outcome === 'deceased';
