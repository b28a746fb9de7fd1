// What the floor is: every agent and what each is doing. The one place where the page's shapes and the daemon's meet.
import { send } from '../../api/client';
import type { Now, Presence } from '../desk/api';

export interface FloorAgent {
  account_id: number;
  name: string;
  department: string | null;
  presence: Presence;
  reason: string | null;
  since_at: string;
  until_at: string | null;
  calls_today: number;
  calls_a_day: number | null;
  conversation_id: number | null;
  case_id: number | null;
  now: Now | null;
  /** Accounts of those who listen. */
  listening: number[];
}

export interface FloorPage {
  at: string;
  agents: FloorAgent[];
}

export interface Grant {
  case_id: number;
  account_id: number;
  reason: string;
  minutes: number;
}

export const readFloor = async (): Promise<FloorPage> => (await send('GET', '/api/floor')) as FloorPage;
export const listenIn = (conversation_id: number): Promise<unknown> =>
  send('POST', '/api/floor/listen-in', { conversation_id });
export const stopListening = (conversation_id: number): Promise<unknown> =>
  send('POST', '/api/floor/stop-listening', { conversation_id });
export const grant = (what: Grant): Promise<unknown> => send('POST', '/api/floor/grants', what);
