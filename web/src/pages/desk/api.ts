// What the desk is told and what it can ask for: the one place where the page's shapes and the daemon's meet.
import { send } from '../../api/client';

/** A sentence in both languages. */
export interface Said {
  zh: string;
  en: string;
}

export type Presence =
  | 'away'
  | 'ready'
  | 'previewing'
  | 'reserved'
  | 'ringing'
  | 'talking'
  | 'wrapping_up'
  | 'paused';

export type LegState = 'calling' | 'ringing' | 'early_media' | 'talking' | 'on_hold' | 'ending' | 'ended';

export interface Ending {
  /** `busy`, `declined`, `no_answer`, `unreachable`, `refused`, `hung_up`, `gone`, `other_ended`, `ordered`, `own_fault`, `stopped`. */
  end: string;
  /** In a sentence, with side, status and cause. */
  words: Said;
  status: number | null;
  q850: number | null;
  talk_ms: number | null;
}

export interface Leg {
  state: LegState;
  since_at: string | null;
  ending: Ending | null;
}

export type TalkState =
  | 'previewing'
  | 'ringing_agent'
  | 'beginning'
  | 'calling_patient'
  | 'talking'
  | 'on_hold'
  | 'agent_lost'
  | 'transferring'
  | 'transferred'
  | 'ending'
  | 'ended';

export interface Refusal {
  rule: string;
  words: Said;
  until_at: string | null;
  is_grantable: boolean;
}

/** What changes while a conversation goes on. */
export interface Now {
  state: TalkState;
  state_since_at: string | null;
  attempt_id: number | null;
  agent_leg: Leg | null;
  patient_leg: Leg | null;
  third_leg: Leg | null;
  /** Keys that the patient pressed so far. */
  keys: string;
  recording: 'off' | 'on' | 'paused';
  refusal: Refusal | null;
}

export interface DeskNumber {
  id: number;
  number: string;
  owner: string | null;
  relation: string | null;
  state: string;
  listed: boolean;
  is_current: boolean;
}

export interface DeskAttempt {
  attempt_id: number;
  begun_at: string;
  agent: string | null;
  disposition: string | null;
  sentence: Said;
  answers: number;
}

export interface DeskCase {
  case_id: number;
  patient_id: number;
  name: string | null;
  patient_no: string | null;
  sex: string | null;
  birth: string | null;
  age: string | null;
  language: string | null;
  deceased: boolean;
  states: string[];
  campaign: string;
  visit_no: string;
  department: string | null;
  ward: string | null;
  bed: string | null;
  doctor: string | null;
  diagnoses: string | null;
  admitted_at: string | null;
  discharged_at: string | null;
  due_at: string;
  deadline_at: string | null;
  appointment_at: string | null;
  priority: number;
  counted: number;
  budget: number | null;
  numbers: DeskNumber[];
  history: DeskAttempt[];
  notes: { at: string; who: string; text: string }[];
}

export interface Option {
  key: string;
  value: number;
  label: string;
  points: number | null;
}

export interface Step {
  id: string;
  kind: string;
  title: string;
  text: string;
  required: boolean;
  screening: boolean;
  options: Option[];
  min: number | null;
  max: number | null;
}

export interface Answer {
  question: string;
  kind: string;
  value: number | null;
  label: string | null;
  keys: string;
  source: 'patient' | 'agent';
  remark: string | null;
  at: string;
  is_earlier: boolean;
}

export interface Form {
  title: string;
  steps: Step[];
  /** The way that the answers so far lead; the last one is the open one. */
  path: string[];
  open: string | null;
  end: string | null;
  missing: string[];
  answers: Answer[];
}

export interface OutcomeChoice {
  id: string;
  words: Said;
  may: boolean;
  why_not: Said | null;
  needs: 'nothing' | 'cause' | 'appointment' | 'language';
}

export interface DeskTicket {
  id: number;
  department: string;
  text: string;
  due_at: string;
  state: string;
  opened_at: string;
}

export interface Talk extends Now {
  id: number;
  origin: 'next' | 'picked' | 'asked_for' | 'called_in';
  preview_until_at: string | null;
  case: DeskCase;
  form: Form;
  note: { text: string; version: number; saved_at: string | null };
  outcomes: OutcomeChoice[];
  outcome: string | null;
  cause: string | null;
  classified: string | null;
  tickets: DeskTicket[];
}

export interface Me {
  presence: Presence;
  reason: string | null;
  since_at: string | null;
  until_at: string | null;
  then: Presence | null;
  phone: { kind: 'none' | 'registered' | 'behind'; name: string | null };
  calls_today: number;
  completed_today: number;
  calls_a_day: number;
  wrap_up_mean_ms: number | null;
}

export interface Upcoming {
  case_id: number;
  name: string | null;
  sex: string | null;
  age: string | null;
  campaign: string;
  department: string | null;
  deadline_at: string | null;
  appointment_at: string | null;
  priority: number;
  last_disposition: string | null;
}

export interface DeskPage {
  at: string;
  me: Me;
  conversation: Talk | null;
  upcoming: Upcoming[];
  next_appointment_at: string | null;
  pause_reasons: { id: string; zh: string; en: string }[];
  /** Telephones of departments that a patient may be connected with. */
  transfers: string[];
}

export interface Outcome {
  outcome: string;
  cause?: string;
  appointment_at?: string;
  language?: string;
  follow_up_at?: string;
}

/** Without a value the question is refused. */
export interface AnswerNow {
  question: string;
  value?: number;
  /** The patient pressed it: which of the keys so far, counted from 1. */
  key_seq?: number;
  remark?: string;
}

export interface NoteKept {
  version: number;
  saved_at: string;
}

/** Every order names its conversation: given twice, or in two tabs, it is done once. All are answered with the desk as it is then. */
export interface Door {
  read(signal?: AbortSignal): Promise<DeskPage>;
  ready(): Promise<DeskPage>;
  away(): Promise<DeskPage>;
  pause(reason: string): Promise<DeskPage>;
  next(): Promise<DeskPage>;
  /** Puts this case before the agent, anew after a call that was not made. */
  pick(of: number): Promise<DeskPage>;
  dial(talk: number, by: { number_id?: number; reason?: string }): Promise<DeskPage>;
  skip(talk: number, reason: string): Promise<DeskPage>;
  hangUp(talk: number): Promise<DeskPage>;
  hold(talk: number): Promise<DeskPage>;
  resume(talk: number): Promise<DeskPage>;
  pauseRecording(talk: number): Promise<DeskPage>;
  resumeRecording(talk: number): Promise<DeskPage>;
  wrapUpDone(talk: number): Promise<DeskPage>;
  press(talk: number, key: string): Promise<DeskPage>;
  transfer(talk: number, number: string): Promise<DeskPage>;
  answer(talk: number, answer: AnswerNow): Promise<DeskPage>;
  note(talk: number, text: string, version: number): Promise<NoteKept>;
  outcome(talk: number, what: Outcome): Promise<DeskPage>;
  ticket(talk: number, ticket: { department: string; text: string; due_at: string }): Promise<unknown>;
}

/** The same case again, after a conversation in which nobody was called. */
export async function again(door: Door, talk: Talk): Promise<DeskPage> {
  // Whoever has settled it already, in another tab, finds nothing to settle.
  await door.wrapUpDone(talk.id).catch(() => null);
  return door.pick(talk.case.case_id);
}

export const LIVE = '/api/desk/live';

const post = (deed: string, body: object): Promise<unknown> => send('POST', `/api/desk/${deed}`, body);
const order = async (deed: string, body: object = {}): Promise<DeskPage> =>
  (await post(deed, body)) as DeskPage;
const about = (deed: string, talk: number, more: object = {}): Promise<DeskPage> =>
  order(deed, { conversation_id: talk, ...more });

export const door: Door = {
  read: async () => (await send('GET', '/api/desk')) as DeskPage,
  ready: () => order('ready'),
  away: () => order('away'),
  pause: (reason) => order('pause', { reason }),
  next: () => order('next'),
  pick: (of) => order('pick', { case_id: of }),
  dial: (talk, by) => about('dial', talk, by),
  skip: (talk, reason) => about('skip', talk, { reason }),
  hangUp: (talk) => about('hang-up', talk),
  hold: (talk) => about('hold', talk),
  resume: (talk) => about('resume', talk),
  pauseRecording: (talk) => about('recording/pause', talk),
  resumeRecording: (talk) => about('recording/resume', talk),
  wrapUpDone: (talk) => about('wrap-up-done', talk),
  press: (talk, key) => about('keys', talk, { key }),
  transfer: (talk, number) => about('transfer', talk, { number }),
  answer: (talk, answer) => about('answers', talk, answer),
  note: async (talk, text, version) =>
    (await post('notes', { conversation_id: talk, text, version })) as NoteKept,
  outcome: (talk, what) => about('outcome', talk, what),
  ticket: (talk, ticket) => post('ticket', { conversation_id: talk, ...ticket }),
};

/** What the live stream says: all of it in `board`, what changed in `change`, nothing but the time in `beat`. */
export interface Told {
  at?: string;
  /** Grows when the page has more to say than this. */
  page?: number;
  me?: Pick<Me, 'presence' | 'reason' | 'since_at' | 'until_at'>;
  /** null: the daemon's core holds none now. */
  conversation?: (Now & { id: number }) | null;
}

/** The page with what was told put in; null: only asking anew will do. */
export function merged(page: DeskPage, told: Told): DeskPage | null {
  const next: DeskPage = told.me === undefined ? page : { ...page, me: { ...page.me, ...told.me } };
  const { conversation: talk } = next;
  if (told.conversation === undefined) return next;
  if (told.conversation === null) return talk === null || talk.state === 'previewing' ? next : null;
  if (talk?.id !== told.conversation.id) return null;
  const { id: _, ...now } = told.conversation;
  return {
    ...next,
    conversation: {
      ...talk,
      ...now,
      agent_leg: known(talk.agent_leg, now.agent_leg),
      patient_leg: known(talk.patient_leg, now.patient_leg),
    },
  };
}

/** The page knows an ending better than the stream does: it has judged the facts. */
function known(page: Leg | null, told: Leg | null): Leg | null {
  const isSame = page?.ending != null && page.ending.end === told?.ending?.end;
  return isSame && told !== null ? { ...told, ending: page.ending } : told;
}
