// The list that a call was opened from: its place in it, and the calls before and after it.

import { useEffect } from 'react';
import { useSearchParams } from 'react-router';

import { useCalls } from '../recordings/data';
import { fromText } from '../recordings/search';
import { QUEUES, type Queue, useRows } from '../review/data';

/** Where a call stands in its list. */
export interface Place {
  /** From 1; null while it has not been found in the list. */
  readonly place: number | null;
  readonly total: number | null;
  readonly exact: boolean;
  readonly previous: number | null;
  readonly next: number | null;
}

/** The place of a call among those that are known. */
export function placeOf(id: number, ids: readonly number[], total: number | null, exact: boolean): Place {
  const at = ids.indexOf(id);
  return {
    place: at < 0 ? null : at + 1,
    total,
    exact,
    previous: at > 0 ? (ids[at - 1] ?? null) : null,
    next: at >= 0 ? (ids[at + 1] ?? null) : null,
  };
}

/** Pages that are read to find a call whose address was pasted. */
const PAGES = 8;

/** The calls of a review queue as they were walked: one that is signed leaves the queue, but not the way through it. */
const walked = new Map<Queue, readonly number[]>();

/** What was known keeps its order, what is new comes after it. */
const walkedOn = (known: readonly number[], fresh: readonly number[]): readonly number[] => [
  ...known,
  ...fresh.filter((id) => !known.includes(id)),
];

/** A walk begins where a queue is opened. */
export const beginWalk = (queue: Queue): boolean => walked.delete(queue);

const queueAt = (address: URLSearchParams): Queue | null =>
  QUEUES.find((queue) => queue === address.get('review')) ?? null;

function useReviewQueue(id: number, queue: Queue | null): Place | null {
  const { rows, first, table } = useRows(queue ?? 'mine', queue === null ? 'unwanted' : 'wanted');
  if (queue === null) return null;
  const fresh = rows.map((row) => row.call_id);
  const ids = walkedOn(walked.get(queue) ?? [], fresh);
  walked.set(queue, ids);
  return placeOf(id, ids, first === undefined ? null : ids.length, !table.hasMore);
}

/** The list stands in the address as `list`, or as `review` when it is a queue of reviews; without either there is none. */
export function useQueue(id: number): Place | null {
  const [address] = useSearchParams();
  const ofReviews = useReviewQueue(id, queueAt(address));
  const ofCalls = useCallQueue(id, address.get('list'));
  return ofReviews ?? ofCalls;
}

function useCallQueue(id: number, list: string | null): Place | null {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useCalls(
    fromText(list ?? ''),
    list === null ? 'unwanted' : 'wanted',
  );
  const ids = (data?.pages ?? []).flatMap((page) => page.items.map((call) => call.id));
  const at = ids.indexOf(id);
  const pages = data?.pages.length ?? 0;
  // The page after the last known call is read before it is asked for: its rows, not its sound.
  const wanted = (at < 0 && pages > 0 && pages < PAGES) || (at >= 0 && at >= ids.length - 2);
  useEffect(() => {
    if (list !== null && wanted && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [list, wanted, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list === null) return null;
  const total = data?.pages[0]?.total ?? null;
  return placeOf(id, ids, total?.count ?? null, total?.exact ?? true);
}
