// What the floor is: every agent and what each is doing. The one place where the page's shapes and the daemon's meet.
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import type { Whole } from '../desk/api';

export type FloorPage = Whole<components['schemas']['FloorPage']>;
export type FloorAgent = Whole<components['schemas']['FloorAgent']>;
export type Grant = components['schemas']['FloorGrantAsked'];

export const readFloor = async (): Promise<FloorPage> => (await ask(api.GET('/api/floor', {}))) as FloorPage;
export const listenIn = (conversation_id: number) =>
  ask(api.POST('/api/floor/listen-in', { body: { conversation_id } }));
export const stopListening = (conversation_id: number) =>
  ask(api.POST('/api/floor/stop-listening', { body: { conversation_id } }));
export const grant = (body: Grant) => ask(api.POST('/api/floor/grants', { body }));
