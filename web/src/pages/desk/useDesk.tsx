// The desk as the daemon tells it: every tab shows the same, what is done is done there. Nothing of a call is kept in the browser.
import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { wasAnswered } from '../../api/connection';
import { ApiError } from '../../api/error';
import { SESSION } from '../../api/session';
import { type DeskPage, type Door, door as daemon, LIVE, merged, type Told } from './api';
import { isPreviewOver } from './outcomes';

const EVENTS = ['board', 'change', 'beat'] as const;
const AGAIN_MS = 2_000;
const WANTING_MS = 700;
/** The stream beats more often than this. */
const SILENT_MS = 12_000;

export interface Desk {
  page: DeskPage | null;
  error: ApiError | null;
  /** The live stream is broken: what is shown may be old. */
  isStale: boolean;
  /** This tab made way for later ones: it is told nothing any more. */
  isElsewhere: boolean;
  /** Has the desk here again. */
  comeBack: () => void;
  /** The daemon's clock; it stands while the desk is stale. */
  now: number;
  door: Door;
  /** Takes the answer to an order: the desk as it is now. */
  take: (page: DeskPage) => void;
  refresh: () => void;
}

const Context = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(Context);
  if (desk === null) throw new Error('no desk around this');
  return desk;
}

export const DeskContext = Context.Provider;

export function DeskProvider({ door = daemon, children }: { door?: Door; children: ReactNode }) {
  const queries = useQueryClient();
  const [page, setPage] = useState<DeskPage | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [isElsewhere, setElsewhere] = useState(false);
  const [turn, setTurn] = useState(0);
  const [tick, setTick] = useState(() => Date.now());
  const heardAt = useRef(Date.now());
  const asked = useRef(0);
  const held = useRef<DeskPage | null>(null);
  const counted = useRef<number | null>(null);
  const clock = useRef({ there: 0, here: 0 });

  const take = useCallback((next: DeskPage) => {
    // An answer that was overtaken by a later one is not shown.
    if (held.current !== null && next.at < held.current.at) return;
    held.current = next;
    heardAt.current = Date.now();
    clock.current = { there: Date.parse(next.at), here: Date.now() };
    setError(null);
    setPage(next);
  }, []);

  const refresh = useCallback(() => {
    asked.current += 1;
    const mine = asked.current;
    door
      .read()
      .then((next) => {
        if (mine === asked.current) take(next);
      })
      .catch((why: unknown) => {
        if (mine === asked.current) setError(ApiError.of(why));
      });
  }, [door, take]);

  useEffect(() => {
    let again: ReturnType<typeof setTimeout> | undefined;
    refresh();
    const source = new EventSource(LIVE);
    source.onopen = () => setOpen(true);
    const hear = (event: MessageEvent<string>) => {
      wasAnswered();
      heardAt.current = Date.now();
      setOpen(true);
      let told: Told;
      try {
        told = JSON.parse(event.data) as Told;
      } catch {
        return;
      }
      const before = held.current;
      if (told.at !== undefined) clock.current = { there: Date.parse(told.at), here: Date.now() };
      const hasMore = told.page !== undefined && counted.current !== null && told.page !== counted.current;
      if (told.page !== undefined) counted.current = told.page;
      const next = before === null ? null : merged(before, told);
      if (next === null || hasMore) refresh();
      if (next !== null && next !== before) {
        held.current = next;
        setPage(next);
      }
    };
    for (const name of EVENTS) source.addEventListener(name, hear as EventListener);
    source.addEventListener('over', () => {
      source.close();
      void queries.invalidateQueries({ queryKey: SESSION });
    });
    source.addEventListener('elsewhere', () => {
      // To come back by itself would take the place from another tab, and that one from the next.
      source.close();
      setOpen(false);
      setElsewhere(true);
    });
    source.onerror = () => {
      setOpen(false);
      if (source.readyState !== EventSource.CLOSED) return;
      again = setTimeout(() => setTurn(turn + 1), AGAIN_MS);
    };
    return () => {
      source.close();
      clearTimeout(again);
    };
  }, [refresh, queries, turn]);

  const comeBack = useCallback(() => {
    setElsewhere(false);
    setTurn((before) => before + 1);
  }, []);

  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);

  const isStale =
    page !== null && (!isOpen || tick - heardAt.current > SILENT_MS) && tick - heardAt.current > 3_000;
  const until = isStale ? heardAt.current : Math.max(tick, clock.current.here);
  const now = page === null ? tick : clock.current.there + (until - clock.current.here);

  // The last word of a call is written down a moment after its end, and a case goes back a moment after its preview: the page is
  // asked until it has it.
  const talk = page?.conversation ?? null;
  const isUnsaid =
    talk?.state === 'ended' && talk.attempt_id !== null && talk.classified === null && talk.outcome === null;
  const isWanting = isUnsaid || (talk !== null && isPreviewOver(talk, now));
  useEffect(() => {
    if (!isWanting) return;
    const timer = setInterval(refresh, WANTING_MS);
    return () => clearInterval(timer);
  }, [isWanting, refresh]);

  const value = useMemo<Desk>(
    () => ({ page, error, isStale, isElsewhere, comeBack, now, door, take, refresh }),
    [page, error, isStale, isElsewhere, comeBack, now, door, take, refresh],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

const isPage = (answer: unknown): answer is DeskPage =>
  typeof answer === 'object' && answer !== null && 'me' in answer && 'upcoming' in answer;

export interface Order {
  /** An order that is answered with the desk, or with something else: then the desk is asked for. */
  run: (order: () => Promise<unknown>, then?: () => void) => void;
  isRunning: boolean;
  error: ApiError | null;
  forget: () => void;
}

/** Gives orders one at a time and shows what they lead to; a second press while one is on its way does nothing. */
export function useOrder(): Order {
  const { take, refresh } = useDesk();
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef(false);
  const run = useCallback(
    (order: () => Promise<unknown>, then?: () => void) => {
      if (running.current) return;
      running.current = true;
      setRunning(true);
      setError(null);
      order()
        .then((answer) => {
          if (isPage(answer)) take(answer);
          else refresh();
          then?.();
        })
        .catch((why: unknown) => setError(ApiError.of(why)))
        .finally(() => {
          running.current = false;
          setRunning(false);
        });
    },
    [take, refresh],
  );
  return { run, isRunning, error, forget: useCallback(() => setError(null), []) };
}
