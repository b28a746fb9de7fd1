// Cells that were put right in the page: they go before the list in the body, so that no address carries what was typed.

export interface Correction {
  row: number;
  column: string;
  value: string;
}

/** By their cells, as `E7`; typed again, the later one holds. */
export type Corrections = ReadonlyMap<string, Correction>;

export const placeOf = ({ row, column }: { row: number; column: string }): string => `${column}${row}`;

export function put(corrections: Corrections, one: Correction): Corrections {
  return new Map(corrections).set(placeOf(one), one);
}

export function takeBack(corrections: Corrections, place: string): Corrections {
  const left = new Map(corrections);
  left.delete(place);
  return left;
}

/** The body with its corrections, and how many octets they are. */
export function bodyOf(list: Blob, corrections: Corrections): { body: Blob; octets: number } {
  if (corrections.size === 0) return { body: list, octets: 0 };
  const before = new TextEncoder().encode(JSON.stringify([...corrections.values()]));
  return { body: new Blob([before, list]), octets: before.length };
}
