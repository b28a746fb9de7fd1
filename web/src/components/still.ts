// Live but still: while the pointer is on a list its rows keep their places; what is new waits until it leaves.
import { useState } from 'react';

interface Still<T> {
  rows: readonly T[];
  /** So many are new and wait. */
  waiting: number;
  /** For the element that holds the rows. */
  hold: { onPointerEnter: () => void; onPointerLeave: () => void };
}

/** The rows in the order in which they were: each with its newest figures, one that has gone as it last was. */
export function inPlace<T>(held: readonly T[], fresh: readonly T[], keyOf: (row: T) => string | number): T[] {
  return held.map((row) => fresh.find((one) => keyOf(one) === keyOf(row)) ?? row);
}

export function useStill<T>(fresh: readonly T[], keyOf: (row: T) => string | number): Still<T> {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  const hold = { onPointerEnter: () => setHeld(fresh), onPointerLeave: () => setHeld(null) };
  if (held === null) return { rows: fresh, waiting: 0, hold };
  const waiting = fresh.filter((row) => !held.some((one) => keyOf(one) === keyOf(row))).length;
  return { rows: inPlace(held, fresh, keyOf), waiting, hold };
}
