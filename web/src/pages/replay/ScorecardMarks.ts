// What is marked on a scorecard and what it comes to: the same sums as the daemon's.

export interface Option {
  readonly zh: string;
  readonly en: string;
  readonly points: number;
  readonly fails?: boolean;
}

export interface Item {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly weight: number;
  readonly fatal: boolean;
  readonly hint_zh?: string;
  readonly hint_en?: string;
  readonly question?: string | null;
  readonly options: readonly Option[];
}

/** What is marked for an item. */
export interface Mark {
  readonly option: number | null;
  readonly note: string;
}

export type Marks = Readonly<Record<string, Mark>>;

export interface Total {
  /** Points; 0 if a fatal item failed. */
  readonly score: number;
  /** The weights of what is marked. */
  readonly of: number;
  /** Items without a mark. */
  readonly left: number;
  readonly fatal: boolean;
}

const NONE: Mark = { option: null, note: '' };

export const markOf = (marks: Marks, item: string): Mark => marks[item] ?? NONE;

/** What the marks come to so far. */
export function total(items: readonly Item[], marks: Marks): Total {
  let [score, of, left, fatal] = [0, 0, 0, false];
  for (const item of items) {
    const chosen = markOf(marks, item.id).option;
    const option = chosen === null ? undefined : item.options[chosen];
    if (option === undefined) {
      left += 1;
      continue;
    }
    score += option.points;
    of += item.weight;
    fatal ||= item.fatal && option.fails === true;
  }
  return { score: fatal ? 0 : score, of, left, fatal };
}

/** Marks an option; one that the item does not have changes nothing. */
export function choose(marks: Marks, item: Item, option: number): Marks {
  if (item.options[option] === undefined) return marks;
  return { ...marks, [item.id]: { ...markOf(marks, item.id), option } };
}

export function remark(marks: Marks, item: string, note: string): Marks {
  return { ...marks, [item]: { ...markOf(marks, item), note } };
}

/** The next item to mark: the first without a mark behind this one, then from the top; else this one. */
export function nextOpen(items: readonly Item[], marks: Marks, from: number): number {
  const open = (at: number): boolean => {
    const item = items[at];
    return item !== undefined && markOf(marks, item.id).option === null;
  };
  for (let step = 1; step <= items.length; step += 1) {
    const at = (from + step) % items.length;
    if (open(at)) return at;
  }
  return from;
}

interface Sent {
  item: string;
  option?: number | null;
  note?: string;
}

/** As the API takes them, in the order of the scorecard. */
export function sent(
  items: readonly Item[],
  marks: Marks,
): { item: string; option: number | null; note: string }[] {
  return items
    .map((item) => ({ item: item.id, ...markOf(marks, item.id) }))
    .filter((mark) => mark.option !== null || mark.note.trim() !== '');
}

/** As the API gives them. */
export function received(marks: readonly Sent[]): Marks {
  return Object.fromEntries(
    marks.map((mark) => [mark.item, { option: mark.option ?? null, note: mark.note ?? '' }]),
  );
}

/** Kappa in words that a reader knows: Landis and Koch's bands. */
type Band = 'poor' | 'slight' | 'fair' | 'moderate' | 'substantial' | 'perfect';

export function band(kappa: number): Band {
  if (kappa < 0) return 'poor';
  if (kappa <= 0.2) return 'slight';
  if (kappa <= 0.4) return 'fair';
  if (kappa <= 0.6) return 'moderate';
  return kappa <= 0.8 ? 'substantial' : 'perfect';
}
