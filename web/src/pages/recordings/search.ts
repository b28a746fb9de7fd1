// What is searched for, as it stands in the address: any view can be sent to a colleague, who sees it under their own rights.

/** The filters by the names that the API has for them. */
export const FILTERS = [
  'text',
  'from',
  'to',
  'campaign',
  'department',
  'doctor',
  'disposition',
  'cause',
  'score_at_most',
  'score_at_least',
  'flag',
  'agent',
  'length_at_least_ms',
  'length_at_most_ms',
  'review',
] as const;
export type Filter = (typeof FILTERS)[number];

/** Filters by name, and the order. */
export type Search = Partial<Record<Filter | 'order', string>>;

const KNOWN: readonly (Filter | 'order')[] = [...FILTERS, 'order'];

/** Reads the known filters out of an address; what is empty or unknown is left out. */
export function fromText(text: string): Search {
  const found: Search = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const known = KNOWN.find((one) => one === name);
    if (known !== undefined && value !== '') found[known] = value;
  }
  return found;
}

/** As it stands in the address, always in the same order. */
export function toText(search: Search): string {
  const address = new URLSearchParams();
  for (const name of KNOWN) {
    const value = search[name];
    if (value !== undefined && value !== '') address.set(name, value);
  }
  return address.toString();
}

/** The filters that are on. */
export function active(search: Search): readonly Filter[] {
  return FILTERS.filter((name) => search[name] !== undefined && search[name] !== '');
}

/** A search without one of its filters. */
export function without(search: Search, filter: Filter): Search {
  const { [filter]: _, ...rest } = search;
  return rest;
}

/** The views that are there from the beginning. */
export const VIEWS = [
  { id: 'lowest', search: { order: 'lowest_score' } },
  { id: 'complaint', search: { flag: 'complaint' } },
  { id: 'break_off', search: { disposition: 'break_off' } },
  { id: 'spoken', search: { flag: 'spoken' } },
  { id: 'all', search: {} },
] as const satisfies readonly { id: string; search: Search }[];
export type ViewId = (typeof VIEWS)[number]['id'];

/** A view that a person has saved in this browser. */
interface SavedView {
  readonly name: string;
  readonly list: string;
}

/** Views that one person may keep. */
const MANY = 12;

/** Reads saved views; what is not one is left out. */
export function savedFrom(text: string | null): readonly SavedView[] {
  if (text === null) return [];
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return [];
    return found
      .filter((one): one is SavedView => typeof one?.name === 'string' && typeof one?.list === 'string')
      .map(({ name, list }) => ({ name, list: toText(fromText(list)) }))
      .slice(0, MANY);
  } catch {
    return [];
  }
}

/** With one more; a view of the same name is replaced. */
export function saved(views: readonly SavedView[], name: string, search: Search): readonly SavedView[] {
  const others = views.filter((view) => view.name !== name);
  return [...others, { name, list: toText(search) }].slice(-MANY);
}
