// The questionnaire as a guided form. The daemon says which way the answers lead; here is which step is shown, what comes before and
// after it, what a digit means, and what is read out. Nothing is kept here: every tab, and a reload, shows the same.
import type { Answer, AnswerNow, Form, Option, Step } from './api';

export const isQuestion = (step: Step): boolean => step.kind !== 'message';
export const isEntry = (step: Step): boolean => step.kind === 'score' || step.kind === 'number';

/** It is asked further, and perhaps a ticket is opened. */
export const isLow = (option: Option): boolean => option.wants_care;

const byId = (form: Form): ReadonlyMap<string, Step> => new Map(form.steps.map((step) => [step.id, step]));

/** The steps on the way so far, the open one the last. */
export function passed(form: Form): readonly Step[] {
  const steps = byId(form);
  return form.path.flatMap((id) => steps.get(id) ?? []);
}

export const answerTo = (form: Form, question: string): Answer | undefined =>
  form.answers.find((answer) => answer.question === question);

/** The form, the step that is shown, null at its end, and the way to another. */
export interface Walk {
  form: Form;
  shown: Step | null;
  choose: (id: string) => void;
}

/** What the end of the form is called among the steps. */
export const END = 'end';

/**
 * Which step is shown: the one that the agent stands at as long as it is on the way, else the open one; null: the end. An answer, the
 * patient's own key too, opens the next step but does not turn the page.
 */
export function shownStep(form: Form, at: string | null): Step | null {
  const way = passed(form);
  if (at === END && form.open === null) return null;
  const standing = way.find((step) => step.id === at);
  if (standing !== undefined) return standing;
  return way.find((step) => step.id === form.open) ?? null;
}

/** Where a newcomer stands: at the messages to be read right before the open step, or at the open step; null: the end. */
export function beginning(form: Form): string | null {
  const way = passed(form);
  let at = form.open === null ? way.length : way.findIndex((step) => step.id === form.open);
  if (at < 0) return form.open;
  while (at > 0) {
    const before = way[at - 1];
    if (before === undefined || isQuestion(before)) break;
    at -= 1;
  }
  return way[at]?.id ?? form.open;
}

/** The step before the shown one; null: it is the first. */
export function preceding(form: Form, shown: Step | null): Step | null {
  const way = passed(form);
  if (shown === null) return way.at(-1) ?? null;
  const at = way.findIndex((step) => step.id === shown.id);
  return at > 0 ? (way[at - 1] ?? null) : null;
}

export type After = { to: 'step'; step: Step } | { to: 'end' } | { to: 'nowhere' };

/** Where Enter leads: to the next step on the way, to the end, or nowhere while the shown question is the open one. */
export function following(form: Form, shown: Step): After {
  const way = passed(form);
  const at = way.findIndex((step) => step.id === shown.id);
  const step = at < 0 ? undefined : way[at + 1];
  if (step !== undefined) return { to: 'step', step };
  return form.open === null || form.open !== shown.id ? { to: 'end' } : { to: 'nowhere' };
}

/** The questions shown as steps: those on the way, then, in the order of the file, what ordinarily still comes. */
export function strip(form: Form): readonly Step[] {
  const way = passed(form).filter(isQuestion);
  if (form.open === null) return way;
  const open = form.steps.findIndex((step) => step.id === form.open);
  const onWay = new Set(form.path);
  const ahead = form.steps.slice(open + 1).filter((step) => isQuestion(step) && !onWay.has(step.id));
  const owed = new Set(form.missing);
  return [...way, ...ahead.filter((step) => owed.has(step.id) || (step.required && !step.screening))];
}

/** The numbers of the questions among the steps; who is on the line is asked without one. */
export function numbersOf(form: Form): ReadonlyMap<string, number> {
  const questions = strip(form).filter((step) => !step.screening);
  return new Map(questions.map((step, index) => [step.id, index + 1] as const));
}

/** At most so many steps fit: a window around the shown one, and whether something is left out before and after. */
export function windowOf<T>(all: readonly T[], at: number, most: number) {
  if (all.length <= most) return { steps: all, before: false, after: false };
  const from = Math.min(Math.max(0, at - Math.floor(most / 2)), all.length - most);
  return { steps: all.slice(from, from + most), before: from > 0, after: from + most < all.length };
}

/** 3 / 7 */
export function progress(form: Form): { done: number; all: number } {
  const questions = strip(form);
  return {
    done: questions.filter((step) => answerTo(form, step.id) !== undefined).length,
    all: questions.length,
  };
}

/** The option of a key as it is printed. */
export const optionOf = (step: Step, key: string): Option | undefined =>
  step.options.find((option) => option.key === key);

/**
 * What a further digit makes of an entry: `1` then `0` is 10 where ten is allowed, otherwise the digit begins anew. null: it cannot
 * stand here.
 */
export function typed(step: Step, entry: number | null, digit: number): number | null {
  const max = step.max ?? 9;
  const longer = entry === null ? digit : entry * 10 + digit;
  if (longer <= max) return longer;
  return digit <= max ? digit : null;
}

/** Whether a value can be the answer. */
export function fits(step: Step, value: number): boolean {
  if (isEntry(step)) return Number.isInteger(value) && value >= (step.min ?? 0) && value <= (step.max ?? 9);
  if (step.kind === 'open') return value === 1;
  return step.options.some((option) => option.value === value);
}

/** What a digit key answers at this step; null: nothing. */
export function answerOf(step: Step, digit: number, entry: number | null): AnswerNow | null {
  if (!isQuestion(step)) return null;
  if (isEntry(step)) {
    const value = typed(step, entry, digit);
    return value !== null && fits(step, value) ? { question: step.id, value } : null;
  }
  if (step.kind === 'open') return digit === 1 ? { question: step.id, value: 1 } : null;
  const option = optionOf(step, String(digit));
  return option === undefined ? null : { question: step.id, value: option.value };
}

/** All that can be chosen for a short scale; empty where it is typed. */
export function scores(step: Step): readonly number[] {
  if (step.kind !== 'score') return [];
  const [min, max] = [step.min ?? 0, step.max ?? 10];
  return max - min > 10 ? [] : Array.from({ length: Math.max(0, max - min + 1) }, (_, at) => min + at);
}

/** The sentence for a person to read: the machine's “请按1”, “press 1” left out. */
export function spoken(step: Step): string {
  if (step.kind === 'message') return step.text;
  return step.text
    .replace(/请按\s*[0-9零一二三四五六七八九*#]/g, '')
    .replace(/,? press [0-9*#](?=[.,;])/g, '')
    .replace(/，\s*。/g, '。');
}

/** A sentence cut where it names its options, each where it is named last, so that they can be marked in it. */
export function marked(sentence: string, step: Step): readonly { text: string; isOption: boolean }[] {
  const places: { from: number; to: number }[] = [];
  const labels = step.options.map((option) => option.label).filter((label) => label.length > 1);
  for (const label of labels.sort((a, b) => b.length - a.length)) {
    const from = sentence.lastIndexOf(label);
    const to = from + label.length;
    if (from >= 0 && !places.some((place) => from < place.to && place.from < to)) places.push({ from, to });
  }
  const pieces: { text: string; isOption: boolean }[] = [];
  let at = 0;
  for (const { from, to } of places.sort((a, b) => a.from - b.from)) {
    if (from > at) pieces.push({ text: sentence.slice(at, from), isOption: false });
    pieces.push({ text: sentence.slice(from, to), isOption: true });
    at = to;
  }
  if (at < sentence.length) pieces.push({ text: sentence.slice(at), isOption: false });
  return pieces;
}

/** The form as it will be once an answer that is on its way is taken: shown at once, replaced by what the daemon says. */
export function expecting(form: Form, answer: AnswerNow, at: string): Form {
  const step = form.steps.find((one) => one.id === answer.question);
  const option = step?.options.find((one) => one.value === answer.value);
  const before = answerTo(form, answer.question);
  const next: Answer = {
    question: answer.question,
    kind: answer.value === undefined ? 'refused' : 'value',
    value: answer.value ?? null,
    label: option?.label ?? null,
    keys: option?.key ?? (answer.value === undefined ? '' : String(answer.value)),
    source: answer.key_seq === undefined ? 'agent' : 'patient',
    remark: answer.remark ?? before?.remark ?? null,
    at,
    is_earlier: false,
  };
  return { ...form, answers: [...form.answers.filter((one) => one.question !== answer.question), next] };
}
