// The list of calls, page by page, and what there is to choose from.

import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';

import { api, ask } from '../../api/client';
import type { components, paths } from '../../api/schema';
import { active, type Filter, type Search, toText, without } from './search';

export type CallLine = components['schemas']['CallLine'];
type CallPage = components['schemas']['CallPage'];
type Query = NonNullable<paths['/api/calls']['get']['parameters']['query']>;

/** Rows of one page. */
const ROWS = 60;

function numeric(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}

/** As the API takes it; a number in the address that is none is left out. */
export function asked(search: Search): Query {
  const query: Record<string, string | number> = {};
  const texts = [
    'text',
    'from',
    'to',
    'department',
    'doctor',
    'disposition',
    'cause',
    'flag',
    'review',
    'order',
  ] as const;
  const numbers = [
    'campaign',
    'score_at_most',
    'score_at_least',
    'agent',
    'length_at_least_ms',
    'length_at_most_ms',
  ] as const;
  for (const name of texts) {
    const value = search[name];
    if (value !== undefined) query[name] = value;
  }
  for (const name of numbers) {
    const value = numeric(search[name]);
    if (value !== undefined) query[name] = value;
  }
  return query as Query;
}

/** Calls in pages; a page may be empty and still not be the last. */
export function useCalls(search: Search, wanted: 'wanted' | 'unwanted' = 'wanted') {
  return useInfiniteQuery({
    queryKey: ['calls', toText(search)],
    enabled: wanted === 'wanted',
    queryFn: ({ pageParam, signal }): Promise<CallPage> =>
      ask(
        api.GET('/api/calls', {
          params: {
            query: { ...asked(search), rows: ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    staleTime: 60_000,
  });
}

/** What can be filtered by, with counts. */
export function useFilters() {
  return useQuery({
    queryKey: ['calls', 'filters'],
    queryFn: ({ signal }) => ask(api.GET('/api/calls/filters', { signal })),
    staleTime: 300_000,
  });
}

/** For an empty list: how many calls there would be without each of its filters. */
export function useWithout(
  search: Search,
  isEmpty: boolean,
): readonly { filter: Filter; count: number; exact: boolean }[] {
  const filters = isEmpty ? active(search) : [];
  return useQueries({
    queries: filters.map((filter) => ({
      queryKey: ['calls', 'without', toText(without(search, filter))],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ask(
          api.GET('/api/calls', {
            params: { query: { ...asked(without(search, filter)), rows: 1 } },
            signal,
          }),
        ),
      staleTime: 60_000,
    })),
    combine: (results) =>
      results.flatMap((result, at) => {
        const filter = filters[at];
        const total = result.data?.total;
        return filter === undefined || !total || total.count === 0
          ? []
          : [{ filter, count: total.count, exact: total.exact }];
      }),
  });
}
