// What the desk knows and what it can ask for: the one place that the page's shapes and the daemon's meet.
import { send } from '../../api/client';
import type { Form } from './form';

/** A sentence that the daemon has made, in both languages. */
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

/** How a leg ended, in the daemon's words. */
export type LegEnd =
  | 'busy'
  | 'declined'
  | 'no_answer'
  | 'unreachable'
  | 'refused'
  | 'hung_up'
  | 'gone'
  | 'other_ended'
  | 'ordered'
  | 'own_fault'
  | 'stopped';

/** The end of one leg with what its far end said. */
export interface LegEnding {
  end: LegEnd;
  /** The final status, where it was not answered and one came. */
  status: number | null;
  q850: number | null;
  /** What it was judged to be: `power_off`. Of the patient's leg alone. */
  disposition: string | null;
  /** How we know, where it was heard and not signalled. */
  heard: 'announcement' | 'tone' | null;
  /** 0 to 100. */
  confidence: number | null;
}

export interface Leg {
  state: LegState;
  since_at: string | null;
  /** The phone's name, or the number, masked. */
  address: string | null;
  /** Trunk or device, caller's number: facts on the line below. */
  facts: readonly string[];
  ending: LegEnding | null;
}

export type ConversationState =
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

/** Why the patient was not called: a rule's sentence, and whether somebody may set it aside. */
export interface Refusal {
  rule: string;
  said: Said;
  until_at: string | null;
  grantable: boolean;
}

export interface Conversation {
  id: number;
  state: ConversationState;
  begun_at: string;
  talking_at: string | null;
  ended_at: string | null;
  /** null: it does not ring yet. */
  agent: Leg | null;
  patient: Leg | null;
  refusal: Refusal | null;
  recording: 'none' | 'running' | 'paused';
  /** null: the phone's own key mutes. */
  muted: boolean | null;
  /** The keys that the patient pressed so far. */
  keys: string;
  /** Names of those who listen. */
  listening: readonly string[];
  /** Whether it came in, and from whom. */
  incoming: Incoming | null;
  attempt: number | null;
}

export interface Incoming {
  /** Masked. */
  caller: string | null;
  /** Whether a case was found for the caller. */
  matched: boolean;
  /** Asked for a person in a call of the machine. */
  asked_for: boolean;
}

export type AnswerSource = 'agent' | 'patient_key' | 'machine';

export interface AnswerGiven {
  question: string;
  value: number | null;
  refused: boolean;
  /** The key, as it was pressed or clicked. */
  key: string;
  source: AnswerSource;
  at: string;
  /** What was noted under it. */
  probe: string;
}

export interface DeskNumber {
  id: number;
  /** Masked. */
  number: string;
  owner: 'self' | 'kin' | 'unknown';
  relation: string | null;
  state: string;
  listed: boolean;
  current: boolean;
}

export interface DeskEvent {
  key: string;
  at: string;
  title: Said;
  sentence: Said;
  /** Of an attempt; draws its colour. */
  disposition: string | null;
}

export interface Notice {
  kind: 'hearing' | 'proxy' | 'language' | 'other';
  title: string;
  text: string;
}

export interface DeskCase {
  id: number;
  patient: number;
  /** In full while reserved or talking, and then it is in the audit log; masked otherwise. */
  name: string;
  name_shown: boolean;
  sex: string | null;
  age: string | null;
  patient_no: string | null;
  department: string | null;
  doctor: string | null;
  diagnoses: string | null;
  discharged_at: string | null;
  deadline_at: string | null;
  appointment_at: string | null;
  attempts_left: number | null;
  campaign: string;
  notices: readonly Notice[];
  numbers: readonly DeskNumber[];
  history: readonly DeskEvent[];
  form: Form & { version: string | null; phrases: readonly string[] };
  answers: readonly AnswerGiven[];
  /** How many of the answers the machine had taken before it came here. */
  handed_over: number;
  note: string;
  /** Counts the savings of the note. */
  note_version: number;
}

export type NextKind = 'deadline' | 'appointment' | 'call_back' | 'handed_over' | 'usual';

export interface NextCase {
  case: number;
  name: string;
  sex: string | null;
  age: string | null;
  kind: NextKind;
  at: string | null;
  campaign: string;
}

/** The agent's phone: how it is reached, and whether it is there. */
export interface Phone {
  user: string;
  realm: string;
  /** Where phones register, as it is typed into one. */
  server: string;
  registered: boolean;
  since_at: string | null;
  /** What the phone calls itself. */
  device: string | null;
  /** Reached through the hospital's PBX. */
  by_number: boolean;
}

export interface DeskState {
  /** The daemon's clock. */
  at: string;
  name: string;
  presence: Presence;
  since_at: string;
  /** When the preview or the wrap-up is over. */
  until_at: string | null;
  /** Why it is paused: one of `pauses`, or the daemon's own `phone_failed`, `signed_in`. */
  pause: string | null;
  pauses: readonly PauseReason[];
  /** What follows the talk or the wrap-up, where it is not ready. */
  then: 'ready' | 'paused' | 'away' | null;
  phone: Phone | null;
  today: { calls: number; completed: number; wrap_up_ms: number | null };
  case: DeskCase | null;
  conversation: Conversation | null;
  next: readonly NextCase[];
  /** Why there is nothing to do, where there is nothing: windows closed, no case due. */
  idle: { reason: 'none_due' | 'closed' | 'limit' | null; next_at: string | null };
}

/** Why one pauses: a row of the daemon's table. */
export interface PauseReason {
  id: string;
  said: Said;
}

export type Outcome =
  | 'completed'
  | 'partial'
  | 'appointment'
  | 'third_party'
  | 'refused'
  | 'wrong_number'
  | 'deceased'
  | 'incapable';

export interface Submission {
  outcome: Outcome;
  /** Why, where the outcome asks for it. */
  cause: string | null;
  follow_up_at: string | null;
  appointment_at: string | null;
}

export interface Ticket {
  text: string;
  department: string;
  due_at: string;
}

/**
 * All that a desk can ask for. Every command on a talk names the talk: said twice, or in two tabs, it is done once. A talk has its
 * number from the preview on.
 */
export interface DeskDoor {
  presence(presence: 'ready' | 'away' | 'paused', reason?: string): Promise<unknown>;
  takeNext(): Promise<unknown>;
  dial(conversation: number, number: number | null): Promise<unknown>;
  grant(of: number, reason: string): Promise<unknown>;
  skip(conversation: number, reason: string): Promise<unknown>;
  hangUp(conversation: number): Promise<unknown>;
  mute(conversation: number, on: boolean): Promise<unknown>;
  hold(conversation: number, on: boolean): Promise<unknown>;
  recording(conversation: number, on: boolean): Promise<unknown>;
  press(conversation: number, key: string): Promise<unknown>;
  transfer(conversation: number, to: string): Promise<unknown>;
  answer(conversation: number, answer: GivenNow): Promise<unknown>;
  note(of: number, text: string, version: number): Promise<unknown>;
  appoint(of: number, at: string): Promise<unknown>;
  ticket(of: number, conversation: number | null, ticket: Ticket): Promise<unknown>;
  submit(conversation: number, what: Submission): Promise<unknown>;
}

export interface GivenNow {
  question: string;
  value: number | null;
  refused: boolean;
  key: string;
  probe: string;
}

export const DESK = '/api/desk';
export const EVENTS = `${DESK}/events`;

const post = (path: string, body: unknown): Promise<unknown> => send('POST', `${DESK}${path}`, body);
const talk = (conversation: number, deed: string, body: unknown = {}): Promise<unknown> =>
  post(`/conversations/${conversation}/${deed}`, body);

/** The daemon's door. */
export const door: DeskDoor = {
  presence: (presence, reason) => post('/presence', { presence, reason: reason ?? null }),
  takeNext: () => post('/next', {}),
  dial: (conversation, number) => talk(conversation, 'dial', { number }),
  grant: (of, reason) => post(`/cases/${of}/grant`, { reason }),
  skip: (conversation, reason) => talk(conversation, 'skip', { reason }),
  hangUp: (conversation) => talk(conversation, 'hang_up'),
  mute: (conversation, on) => talk(conversation, 'mute', { on }),
  hold: (conversation, on) => talk(conversation, 'hold', { on }),
  recording: (conversation, on) => talk(conversation, 'recording', { on }),
  press: (conversation, key) => talk(conversation, 'keys', { key }),
  transfer: (conversation, to) => talk(conversation, 'transfer', { to }),
  answer: (conversation, answer) => talk(conversation, 'answers', answer),
  note: (of, text, version) => send('PUT', `${DESK}/cases/${of}/note`, { text, version }),
  appoint: (of, at) => send('POST', `/api/cases/${of}/appointment`, { at }),
  ticket: (of, conversation, ticket) => post('/tickets', { case: of, conversation, ...ticket }),
  submit: (conversation, what) => talk(conversation, 'outcome', what),
};

/** Reads a state as the daemon tells it. */
export const read = (told: unknown): DeskState => told as DeskState;

export const readState = async (): Promise<DeskState> => read(await send('GET', DESK));
