// Live state by server-sent events: applied at most once a second, so that nothing flickers; reconnects by itself.
import { useEffect, useRef, useState } from 'react';
import { wasAnswered } from './connection';

const CALM_MS = 1_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;

/**
 * Hears `path` for as long as the component is there. `events` are the names that matter; `apply` gets the newest of each name that
 * came within the last second. Returns whether the stream is open.
 */
export function useLive(
  path: string | null,
  events: readonly string[],
  apply: (newest: ReadonlyMap<string, unknown>) => void,
): boolean {
  const latest = useRef(apply);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    latest.current = apply;
  });
  const names = events.join('\n');
  useEffect(() => {
    if (path === null) return;
    const waiting = new Map<string, unknown>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    let again: ReturnType<typeof setTimeout> | null = null;
    let wait = FIRST_WAIT_MS;
    let source: EventSource;
    const flush = () => {
      timer = null;
      const newest = new Map(waiting);
      waiting.clear();
      latest.current(newest);
    };
    const heard = (event: MessageEvent<string>) => {
      wasAnswered();
      try {
        waiting.set(event.type, JSON.parse(event.data));
      } catch {
        return;
      }
      timer ??= setTimeout(flush, CALM_MS);
    };
    const connect = () => {
      source = new EventSource(path);
      source.onopen = () => {
        wait = FIRST_WAIT_MS;
        setOpen(true);
      };
      source.onerror = () => {
        setOpen(false);
        source.close();
        again = setTimeout(connect, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      };
      for (const name of names.split('\n')) source.addEventListener(name, heard);
    };
    connect();
    return () => {
      source.close();
      if (timer !== null) clearTimeout(timer);
      if (again !== null) clearTimeout(again);
    };
  }, [path, names]);
  return open;
}
