// A list that comes page by page behind a cursor, as the whole API has them, and what a table of it needs.
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

/** A page as the API gives it. */
interface PageOf<Row> {
  items: Row[];
  next?: string | null | undefined;
}

/** `read` gets what to add to the query: the cursor, from the second page on. */
export function usePages<Row, P extends PageOf<Row>>(
  key: QueryKey,
  read: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<P & PageOf<Row>>,
  { enabled = true, staleTime }: { enabled?: boolean; staleTime?: number } = {},
) {
  const found = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ signal, pageParam }) => read(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    enabled,
    ...(staleTime === undefined ? {} : { staleTime }),
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return {
    found,
    /** The first page, which carries totals. */
    first: found.data?.pages[0],
    rows,
    /** For `<CursorTable {...table} />`. */
    table: {
      rows,
      isLoading: found.isLoading,
      error: found.error,
      retry: found.refetch,
      hasMore: found.hasNextPage,
      isLoadingMore: found.isFetchingNextPage,
      loadMore: found.fetchNextPage,
    },
  };
}
