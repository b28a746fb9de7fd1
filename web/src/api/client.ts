// The one client of the daemon's API: typed by openapi.json, carries the CSRF token, turns every refusal into an ApiError.
import createClient, { type Middleware } from 'openapi-fetch';
import { wasAnswered, wasUnreachable } from './connection';
import { ApiError } from './error';
import { handOver } from './files';
import type { paths } from './schema';

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

let csrf: string | null = null;
let signedOut: () => void = () => {};

/** What unsafe requests carry; the session sets it. */
export function carryCsrf(token: string | null): void {
  csrf = token;
}

/** What happens when any request finds the session over. */
export function onSignedOut(then: () => void): void {
  signedOut = then;
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (csrf !== null && !SAFE.includes(request.method)) request.headers.set('x-csrf-token', csrf);
    return request;
  },
  async onResponse({ response }) {
    const isProxys = response.status === 502 || response.status === 504;
    if (isProxys) wasUnreachable();
    else wasAnswered();
    if (response.ok) return response;
    if (response.status === 401) signedOut();
    throw await ApiError.from(response);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error;
    wasUnreachable();
    return ApiError.unreachable();
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' });
api.use(middleware);

/** The answer itself, or an ApiError: `ask(api.GET('/api/session', { signal }))`. */
export async function ask<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data } = await request;
  return data as T;
}

async function fetched(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (csrf !== null && !SAFE.includes(init.method ?? 'GET')) headers.set('x-csrf-token', csrf);
  const response = await fetch(path, { ...init, headers, credentials: 'same-origin' }).catch(
    (error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      wasUnreachable();
      throw ApiError.unreachable();
    },
  );
  if (response.status === 401) signedOut();
  if (!response.ok) throw await ApiError.from(response);
  return response;
}

/** Reads a file that the daemon makes (XLSX, CSV, ZIP) and hands it to the person under the name that the daemon gave. */
export async function download(path: string, init: RequestInit = {}): Promise<void> {
  const response = await fetched(path, init);
  const named = /filename="?([^";]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  handOver(named ?? path.split('?')[0]?.split('/').pop() ?? 'aftercall', await response.blob());
}
