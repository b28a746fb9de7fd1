// Whether the daemon answers, and of when the data on screen is. Every request reports here; while the page is seen, a beat every
// second or so asks for the daemon's health so that a lost daemon is noticed by a page that asks for nothing.
import { useSyncExternalStore } from 'react';

interface Connection {
  isLost: boolean;
  /** The last time that the daemon answered. */
  answeredAt: number;
}

const BEAT_MS = 1_200;
/** With the beat before it, a daemon that falls silent is noticed within three seconds. */
const PATIENCE_MS = 1_500;
const BEAT = '/api/health';

let connection: Connection = { isLost: false, answeredAt: Date.now() };
const listeners = new Set<() => void>();

function set(next: Connection): void {
  const changed = next.isLost !== connection.isLost;
  connection = changed ? next : { ...connection, answeredAt: next.answeredAt };
  if (changed) for (const listener of listeners) listener();
}

export function wasAnswered(): void {
  set({ isLost: false, answeredAt: Date.now() });
}

export function wasUnreachable(): void {
  set({ isLost: true, answeredAt: connection.answeredAt });
}

let beats: ReturnType<typeof setInterval> | null = null;

async function beat(): Promise<void> {
  if (document.hidden) return;
  try {
    const response = await fetch(BEAT, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 502 || response.status === 504) wasUnreachable();
    else wasAnswered();
  } catch {
    wasUnreachable();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  beats ??= setInterval(() => void beat(), BEAT_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && beats !== null) {
      clearInterval(beats);
      beats = null;
    }
  };
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection);
