// What the desk is told and what it can ask for: the one place where the page's shapes and the daemon's meet.
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];

/** The daemon sends every member, null where there is nothing; its description leaves that open. */
export type Whole<T> = T extends readonly (infer One)[]
  ? Whole<One>[]
  : T extends object
    ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

/** A sentence in both languages. */
export type Said = Schemas['Words'];
export type Presence = Schemas['DeskPresence'];
export type Leg = Whole<Schemas['DeskLeg']>;
export type Ending = Whole<Schemas['DeskEnding']>;
export type TalkState = Schemas['DeskState'];
export type Refusal = Whole<Schemas['DeskRefusal']>;
/** What changes while a conversation goes on. */
export type Now = Whole<Schemas['DeskNow']>;
export type DeskNumber = Whole<Schemas['DeskNumber']>;
export type Message = Whole<Schemas['DeskMessage']>;
export type DeskCase = Whole<Schemas['DeskCase']>;
export type Option = Whole<Schemas['DeskOption']>;
export type Step = Whole<Schemas['DeskStep']>;
export type Answer = Whole<Schemas['DeskAnswer']>;
export type Form = Whole<Schemas['DeskForm']>;
export type OutcomeChoice = Whole<Schemas['DeskOutcome']>;
/** A conversation with everything beside it. */
export type Talk = Whole<Schemas['DeskConversation']>;
export type Me = Whole<Schemas['DeskMe']>;
export type Upcoming = Whole<Schemas['DeskUpcoming']>;
export type DeskPage = Whole<Schemas['DeskPage']>;
export type NoteKept = Schemas['DeskNoteKept'];
export type Outcome = Omit<Schemas['DeskOutcomeAsked'], 'conversation_id'>;
/** Without a value the question is refused; `key_seq`: the patient pressed it. */
export type AnswerNow = { question: string; value?: number; key_seq?: number; remark?: string };

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
  mute(talk: number): Promise<DeskPage>;
  unmute(talk: number): Promise<DeskPage>;
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
  if (talk.state === 'previewing') return door.read();
  // Whoever has settled it already, in another tab, finds nothing to settle.
  await door.wrapUpDone(talk.id).catch(() => null);
  return door.pick(talk.case.case_id);
}

export const LIVE = '/api/desk/live';

/** The desk as it is after an order. */
const desk = async (answer: Parameters<typeof ask<Schemas['DeskPage']>>[0]): Promise<DeskPage> =>
  (await ask(answer)) as DeskPage;
const about = (talk: number) => ({ body: { conversation_id: talk } });

export const door: Door = {
  read: (signal) => desk(api.GET('/api/desk', signal === undefined ? {} : { signal })),
  ready: () => desk(api.POST('/api/desk/ready', { body: {} })),
  away: () => desk(api.POST('/api/desk/away', { body: {} })),
  pause: (reason) => desk(api.POST('/api/desk/pause', { body: { reason } })),
  next: () => desk(api.POST('/api/desk/next', { body: {} })),
  pick: (of) => desk(api.POST('/api/desk/pick', { body: { case_id: of } })),
  dial: (talk, by) => desk(api.POST('/api/desk/dial', { body: { conversation_id: talk, ...by } })),
  skip: (talk, reason) => desk(api.POST('/api/desk/skip', { body: { conversation_id: talk, reason } })),
  hangUp: (talk) => desk(api.POST('/api/desk/hang-up', about(talk))),
  hold: (talk) => desk(api.POST('/api/desk/hold', about(talk))),
  resume: (talk) => desk(api.POST('/api/desk/resume', about(talk))),
  mute: (talk) => desk(api.POST('/api/desk/mute', about(talk))),
  unmute: (talk) => desk(api.POST('/api/desk/unmute', about(talk))),
  pauseRecording: (talk) => desk(api.POST('/api/desk/recording/pause', about(talk))),
  resumeRecording: (talk) => desk(api.POST('/api/desk/recording/resume', about(talk))),
  wrapUpDone: (talk) => desk(api.POST('/api/desk/wrap-up-done', about(talk))),
  press: (talk, key) => desk(api.POST('/api/desk/keys', { body: { conversation_id: talk, key } })),
  transfer: (talk, number) =>
    desk(api.POST('/api/desk/transfer', { body: { conversation_id: talk, number } })),
  answer: (talk, answer) =>
    desk(api.POST('/api/desk/answers', { body: { conversation_id: talk, ...answer } })),
  note: (talk, text, version) =>
    ask(api.POST('/api/desk/notes', { body: { conversation_id: talk, text, version } })),
  outcome: (talk, what) => desk(api.POST('/api/desk/outcome', { body: { conversation_id: talk, ...what } })),
  ticket: (talk, ticket) => ask(api.POST('/api/desk/ticket', { body: { conversation_id: talk, ...ticket } })),
};

/** What the live stream says: all of it in `board`, what changed in `change`, nothing but the time in `beat`. */
export interface Told {
  at?: string;
  /** Grows when the page has more to say than this. */
  page?: number;
  me?: Pick<Me, 'presence' | 'reason' | 'refused' | 'since_at' | 'then' | 'until_at'>;
  /** Whether a call would reach the agent's phone. */
  phone?: Pick<Me['phone'], 'standing' | 'standing_since_at'>;
  /** null: the daemon's core holds none now. */
  conversation?: (Now & { id: number }) | null;
}

/** The page with what was told put in; null: only asking anew will do. */
export function merged(page: DeskPage, told: Told): DeskPage | null {
  const phone = { ...page.me.phone, ...told.phone };
  const isAsBefore = told.me === undefined && told.phone === undefined;
  const next: DeskPage = isAsBefore ? page : { ...page, me: { ...page.me, ...told.me, phone } };
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
