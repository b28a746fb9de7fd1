// Who is signed in and what the person may do; the rest of the console asks here and nowhere else.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { api, ask, carryCsrf, onSignedOut } from './client';
import { ApiError } from './error';
import type { components } from './schema';

export type Session = components['schemas']['Session'];
export type Role = components['schemas']['Role'];
export type Action = components['schemas']['Action'];
export type Scope = components['schemas']['Scope'];

export const SESSION = ['session'] as const;

/** null: nobody is signed in. */
async function readSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    const session = await ask(api.GET('/api/session', signal ? { signal } : {}));
    carryCsrf(session.csrf);
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

interface Known {
  session: Session | null | undefined;
  error: ApiError | null;
  retry: () => void;
}

const Context = createContext<Known>({ session: undefined, error: null, retry: () => {} });

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (_, failure) => ApiError.of(failure).isPassing,
    retryDelay: 2_000,
  });
  useEffect(() => {
    onSignedOut(() => {
      carryCsrf(null);
      queries.setQueryData(SESSION, null);
    });
  }, [queries]);
  const value = useMemo<Known>(
    () => ({ session: data, error: error === null ? null : ApiError.of(error), retry: () => void refetch() }),
    [data, error, refetch],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** As far as it is known: undefined while it is being asked for, null when nobody is signed in. */
export const useKnownSession = (): Known => useContext(Context);

/** Inside the shell somebody is signed in. */
export function useSession(): Session {
  const { session } = useContext(Context);
  if (!session) throw new Error('nobody is signed in here');
  return session;
}

/** How far the person may do it; null: not at all, and then its control is not drawn. */
export function useMay(action: Action): Scope | null {
  return useSession().grants[action] ?? null;
}
