// A draft of a scorecard while it is changed.
import type { Item, Option } from '../replay/ScorecardMarks';

export interface Draft {
  readonly zh: string;
  readonly en: string;
  readonly items: readonly Item[];
}

export const WHOLE = 100;
export const MOST_ITEMS = 30;
export const MOST_OPTIONS = 5;

/** What the weights come to. */
export const sum = (items: readonly Item[]): number => items.reduce((all, item) => all + item.weight, 0);

/** Moves an item; from outside or to outside nothing moves. */
export function move<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const moved = list[from];
  if (moved === undefined || to < 0 || to >= list.length || from === to) return list;
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}

/** Sets a weight: the best option is always worth it, what was worth more is capped. */
export function weigh(item: Item, weight: number): Item {
  const best = Math.max(0, ...item.options.map((option) => option.points));
  let raised = false;
  const options = item.options.map((option) => {
    if (!raised && option.points === best) {
      raised = true;
      return { ...option, points: weight };
    }
    return { ...option, points: Math.min(option.points, weight) };
  });
  return { ...item, weight, options };
}

/** Makes an item fatal, or no longer: then no option fails the call. */
export function makeFatal(item: Item, fatal: boolean): Item {
  const last = item.options.length - 1;
  return {
    ...item,
    fatal,
    options: item.options.map((option, at) => ({
      ...option,
      fails: fatal && (option.fails === true || at === last),
    })),
  };
}

const option = (zh: string, en: string, points: number): Option => ({ zh, en, points, fails: false });

/** A new item: its id is free. */
export function newItem(items: readonly Item[]): Item {
  let n = items.length + 1;
  while (items.some((item) => item.id === `item_${n}`)) n += 1;
  const weight = Math.max(0, WHOLE - sum(items));
  return {
    id: `item_${n}`,
    zh: '新项目',
    en: 'New item',
    weight,
    fatal: false,
    hint_zh: '',
    hint_en: '',
    question: null,
    options: [
      option('做到', 'Yes', weight),
      option('部分做到', 'Partly', Math.floor(weight / 2)),
      option('没做到', 'No', 0),
    ],
  };
}

/** As the API takes it. */
export function typed(draft: Draft) {
  return {
    zh: draft.zh,
    en: draft.en,
    items: draft.items.map((item) => ({
      id: item.id,
      zh: item.zh,
      en: item.en,
      weight: item.weight,
      fatal: item.fatal,
      hint_zh: item.hint_zh ?? '',
      hint_en: item.hint_en ?? '',
      question: item.question == null || item.question === '' ? null : item.question,
      options: item.options.map((one) => ({ ...one, fails: one.fails === true })),
    })),
  };
}
