// What came of a talk: what each outcome asks for besides, and what is still missing, said in words.
import type { Word } from '../../i18n';
import type { OutcomeChoice, Presence, Said, Talk } from './api';
import { words } from './words';

/** Causes offered for an outcome that needs one; the Chinese word is what is written down. Others can be typed. */
const CAUSES: Record<string, readonly Word[]> = {
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
    ['言语不清', 'Speech'],
  ],
};
const ANY: readonly Word[] = [
  ['线路不好', 'Bad line'],
  ['患者要求', 'Patient asked'],
  ['其他', 'Other'],
];

export const causesOf = (outcome: string): readonly Word[] => CAUSES[outcome] ?? ANY;

/** What is chosen so far; times as they were typed. */
export interface Draft {
  outcome: string | null;
  cause: string;
  appointAt: string;
  language: string;
  followUpAt: string;
  /** The effect of a death was confirmed. */
  confirmed: boolean;
}

export const EMPTY: Draft = {
  outcome: null,
  cause: '',
  appointAt: '',
  language: '',
  followUpAt: '',
  confirmed: false,
};

/** The time to look at a case has run out before anybody was called: it goes back. */
export const isPreviewOver = (talk: Talk, now: number): boolean =>
  talk.state === 'previewing' && talk.preview_until_at !== null && Date.parse(talk.preview_until_at) <= now;

/** Both legs are over, or the agent is out of it. */
export const isOver = (talk: Talk, presence: Presence): boolean =>
  presence === 'wrapping_up' || talk.state === 'ended' || talk.state === 'transferred';

/** Whether the patient's leg was ever up. */
export const wasReached = (talk: Talk): boolean => {
  const leg = talk.patient_leg;
  if (leg === null) return false;
  return leg.ending === null
    ? leg.state === 'talking' || leg.state === 'on_hold' || talk.state === 'agent_lost'
    : leg.ending.talk_ms !== null;
};

/** Nobody was reached: the line has said what came of it, and nothing needs to be chosen. */
export const saysTheLine = (talk: Talk, presence: Presence): boolean =>
  isOver(talk, presence) && !wasReached(talk);

/** It is over and the patient was never called: a rule refused it, or the agent's phone did not answer. */
export const calledNobody = (talk: Talk, presence: Presence): boolean =>
  talk.patient_leg === null &&
  talk.state !== 'previewing' &&
  (talk.state === 'ended' || presence === 'wrapping_up');

/** After a death nothing further is asked or offered. */
export const isQuiet = (outcome: string | null): boolean => outcome === 'deceased';

export interface Missing {
  on: 'outcome' | 'cause' | 'time' | 'language' | 'confirm' | 'call';
  word: Word | Said;
  /** What the word counts. */
  n?: number;
}

/** Why an outcome may not be chosen; where questions are left, how many. */
function whyNot(choice: OutcomeChoice, talk: Talk): Omit<Missing, 'on'> {
  const n = talk.form.missing.length;
  if (choice.id === 'completed' && n > 0) return { word: words.missOwed, n };
  return { word: choice.why_not ?? words.missOutcome };
}

/** What is missing before it can be submitted, the first thing first; null: nothing. `timeIn` reads what was typed. */
export function missing(
  draft: Draft,
  talk: Talk,
  presence: Presence,
  timeIn: (text: string) => string | null,
): Missing | null {
  const over = isOver(talk, presence);
  if (draft.outcome === null) {
    if (saysTheLine(talk, presence)) return null;
    const completed = talk.outcomes.find((one) => one.id === 'completed');
    // While they talk the sentence is about what is left to ask; afterwards about what to choose.
    if (!over && completed?.may === false) return { on: 'outcome', ...whyNot(completed, talk) };
    return { on: 'outcome', word: words.missOutcome };
  }
  const choice = talk.outcomes.find((one) => one.id === draft.outcome);
  if (choice === undefined) return { on: 'outcome', word: words.missOutcome };
  if (!choice.may) return { on: 'outcome', ...whyNot(choice, talk) };
  const lacks = lacking(draft, choice, timeIn);
  if (lacks !== null) return lacks;
  if (!over) return { on: 'call', word: words.missHangUp };
  return null;
}

function lacking(
  draft: Draft,
  choice: OutcomeChoice,
  timeIn: (text: string) => string | null,
): Missing | null {
  switch (choice.needs) {
    case 'cause':
      if (draft.cause.trim() === '') return { on: 'cause', word: words.missCause };
      break;
    case 'appointment':
      if (draft.appointAt.trim() === '') return { on: 'time', word: words.missTime };
      if (timeIn(draft.appointAt) === null) return { on: 'time', word: words.badTime };
      break;
    case 'language':
      if (draft.language.trim() === '') return { on: 'language', word: words.missLanguage };
      break;
    case 'nothing':
      break;
  }
  if (isQuiet(choice.id)) return draft.confirmed ? null : { on: 'confirm', word: words.missEffect };
  if (draft.followUpAt.trim() !== '' && timeIn(draft.followUpAt) === null) {
    return { on: 'time', word: words.badTime };
  }
  return null;
}
