// Counts on the rail: a page that knows how much waits says so here.
import { useEffect, useSyncExternalStore } from 'react';

let badges: Readonly<Record<string, number>> = {};
const listeners = new Set<() => void>();

/** `useBadge('/review', 27)`; 0 takes it away. It stays when the page is left, until it is said anew. */
export function useBadge(path: string, count: number): void {
  useEffect(() => {
    if (badges[path] === count) return;
    badges = { ...badges, [path]: count };
    for (const listener of listeners) listener();
  }, [path, count]);
}

export function useBadges(): Readonly<Record<string, number>> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => badges,
  );
}
