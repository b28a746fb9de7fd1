// Listens to the board's events; what is lost is asked for anew, and a session that is over ends at the door.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { SESSION } from '../../api/session';
import { heard, isStale, type Kept, read } from './board';

const EVENTS = ['board', 'change', 'beat'] as const;
const AGAIN_MS = 3_000;

export interface Watched extends Kept {
  isStale: boolean;
  error: ApiError | null;
  /** The time at the daemon, as far as it is known here; it stands still while the data is stale. */
  now: number;
  retry: () => void;
}

export function useBoard(): Watched {
  const queries = useQueryClient();
  const [kept, hear] = useReducer(heard, { board: null, heardAt: 0 });
  const [error, setError] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  const [tick, setTick] = useState(() => Date.now());
  const shown = useRef({ at: '', since: 0 });

  useEffect(() => {
    const source = new EventSource(`/api/tonight/events`);
    let again: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        const what = read(name, String(event.data), Date.now());
        if (what === null) return;
        setError(null);
        hear(what);
      });
    }
    source.addEventListener('over', () => {
      source.close();
      void queries.invalidateQueries({ queryKey: SESSION });
    });
    source.onerror = () => {
      // While it connects by itself there is nothing to do; a refusal has closed it.
      if (source.readyState !== EventSource.CLOSED || gone) return;
      ask(api.GET('/api/tonight', {}))
        .then((board) => hear({ event: 'board', board, now: Date.now() }))
        .catch((why: unknown) => setError(ApiError.of(why)))
        .finally(() => {
          if (!gone) again = setTimeout(() => setTurn(turn + 1), AGAIN_MS);
        });
    };
    return () => {
      gone = true;
      source.close();
      clearTimeout(again);
    };
  }, [queries, turn]);

  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);

  const at = kept.board?.at ?? '';
  if (shown.current.at !== at) shown.current = { at, since: kept.heardAt };
  const now = Math.max(tick, kept.heardAt);
  const stale = isStale(kept, now, shown.current.since);
  const passed = stale ? 0 : now - shown.current.since;
  return {
    ...kept,
    isStale: stale,
    error,
    now: at === '' ? now : Date.parse(at) + passed,
    retry: () => setTurn(turn + 1),
  };
}
