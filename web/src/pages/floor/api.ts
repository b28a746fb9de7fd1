// What the floor is: every agent and what each is doing. The one place where the page's shapes and the daemon's meet.
import { send } from '../../api/client';
import type { Leg, Presence, TalkState } from '../desk/api';

export interface FloorTalk {
  conversation_id: number;
  state: TalkState;
  since_at: string | null;
  case_id: number | null;
  /** Masked. */
  patient: string | null;
  campaign: string | null;
  agent_leg: Leg | null;
  patient_leg: Leg | null;
  keys: string;
  /** Names of those who listen. */
  listening: string[];
  /** Whether the person who asks is one of them. */
  i_listen: boolean;
}

export interface FloorAgent {
  account_id: number;
  name: string;
  presence: Presence;
  reason: string | null;
  since_at: string | null;
  until_at: string | null;
  then: Presence | null;
  phone: string | null;
  calls_today: number;
  completed_today: number;
  conversation: FloorTalk | null;
}

export interface FloorPage {
  at: string;
  agents: FloorAgent[];
  pause_reasons: { id: string; zh: string; en: string }[];
}

export const readFloor = async (): Promise<FloorPage> => (await send('GET', '/api/floor')) as FloorPage;
export const listenIn = (conversation_id: number): Promise<unknown> =>
  send('POST', '/api/floor/listen-in', { conversation_id });
export const stopListening = (conversation_id: number): Promise<unknown> =>
  send('POST', '/api/floor/stop-listening', { conversation_id });
