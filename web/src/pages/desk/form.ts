// The questionnaire as a guided form: from its parts and the answers so far, which way the talk has gone, what stands now, what is
// still owed. Nothing is kept here: the same answers always give the same way, in every tab and after a reload.

/** Where an answer leads: the id of another part, or an ending as `end.completed`. */
export type Way = string;

export interface Option {
  key: string;
  /** What is stored. */
  code: number;
  label: string;
  next: Way | null;
  /** What is to be asked further when this is chosen. */
  probe: string | null;
  /** Choosing it asks for another time: the case becomes an appointment. */
  asks_time: boolean;
  /** A score that somebody has to look at. */
  low: boolean;
}

export interface Branch {
  low: number;
  high: number;
  next: Way;
}

export type PartKind = 'message' | 'choice' | 'yes_no' | 'score' | 'number' | 'open';

export interface Part {
  id: string;
  kind: PartKind;
  /** What it asks in a few words; empty for a message. */
  title: string;
  /** What is read out. */
  say: string;
  required: boolean;
  /** Asks who is there and the like: no answer of the survey. */
  screening: boolean;
  options: readonly Option[];
  /** For scores and numbers. */
  min: number | null;
  max: number | null;
  branches: readonly Branch[];
  next: Way | null;
  on_refusal: Way | null;
}

export interface Form {
  title: string;
  start: Way;
  parts: readonly Part[];
}

/** What was answered: a value, or that the person would not answer. */
export interface Given {
  question: string;
  value: number | null;
  refused: boolean;
}

export type Answers = ReadonlyMap<string, Given>;

export const answersOf = (given: readonly Given[]): Answers =>
  new Map(given.map((answer) => [answer.question, answer]));

export const isEnd = (way: Way): boolean => way.startsWith('end.');
export const isQuestion = (part: Part): boolean => part.kind !== 'message';

/** Where this answer to this part leads. */
export function wayFrom(part: Part, answer: Given | undefined): Way | null {
  if (part.kind === 'message' || answer === undefined) return part.next;
  if (answer.refused) return part.on_refusal ?? part.next;
  const { value } = answer;
  if (value === null) return part.next;
  const branch = part.branches.find((one) => one.low <= value && value <= one.high);
  if (branch !== undefined) return branch.next;
  const option = part.options.find((one) => one.code === value);
  return option?.next ?? (option?.asks_time ? 'end.appointment' : part.next);
}

export interface Path {
  /** The parts that the talk has passed, in order, the one that stands now not among them. */
  passed: readonly Part[];
  /** Where the talk stands by its answers; null: at an end. */
  here: Part | null;
  /** The ending that was reached, `completed`; null while something stands. */
  end: string | null;
  /** The parts that come if every further answer is the ordinary one. */
  ahead: readonly Part[];
}

/**
 * Follows the answers. Messages are passed over by themselves when something that comes after them is answered, or when they are in
 * `read`; otherwise the talk stands at them. A questionnaire that leads back to a part that was passed ends the way there.
 */
export function follow(form: Form, answers: Answers, read: ReadonlySet<string> = new Set()): Path {
  const parts = new Map(form.parts.map((part) => [part.id, part]));
  const passed: Part[] = [];
  const seen = new Set<string>();
  let way: Way | null = form.start;
  let here: Part | null = null;
  while (way !== null && !isEnd(way) && !seen.has(way)) {
    const part = parts.get(way);
    if (part === undefined) break;
    const isPassed = isQuestion(part)
      ? answers.has(part.id)
      : read.has(part.id) || isAnsweredBehind(parts, part, answers);
    if (!isPassed) {
      here = part;
      break;
    }
    seen.add(part.id);
    passed.push(part);
    way = wayFrom(part, answers.get(part.id));
  }
  const end = here === null && way !== null && isEnd(way) ? way.slice('end.'.length) : null;
  return { passed, here, end, ahead: here === null ? [] : ordinary(parts, here, seen) };
}

/** Whether a question that follows this message, messages between them passed over, has an answer. */
function isAnsweredBehind(parts: ReadonlyMap<string, Part>, message: Part, answers: Answers): boolean {
  const seen = new Set<string>([message.id]);
  let way = message.next;
  while (way !== null && !isEnd(way) && !seen.has(way)) {
    const part = parts.get(way);
    if (part === undefined) return false;
    if (isQuestion(part)) return answers.has(part.id);
    seen.add(part.id);
    way = part.next;
  }
  return false;
}

function ordinary(parts: ReadonlyMap<string, Part>, from: Part, passed: ReadonlySet<string>): readonly Part[] {
  const found: Part[] = [];
  const seen = new Set<string>([...passed, from.id]);
  let way = usual(from);
  while (way !== null && !isEnd(way) && !seen.has(way)) {
    const part = parts.get(way);
    if (part === undefined) break;
    seen.add(part.id);
    found.push(part);
    way = usual(part);
  }
  return found;
}

/** Where a part leads when nothing special is said: its own way on, else the first option's that is no end. */
function usual(part: Part): Way | null {
  if (part.next !== null && !isEnd(part.next)) return part.next;
  const onward = part.options.find((option) => option.next !== null && !isEnd(option.next));
  return onward?.next ?? part.next;
}

/** The questions shown as steps: those of the way passed, the one shown, and what ordinarily comes. */
export function steps(path: Path): readonly Part[] {
  const here = path.here === null ? [] : [path.here];
  return [...path.passed, ...here, ...path.ahead].filter(isQuestion);
}

/** The required questions on the way that have no value yet. */
export function owed(path: Path, answers: Answers): readonly Part[] {
  return steps(path).filter((part) => {
    const answer = answers.get(part.id);
    return part.required && (answer === undefined || answer.refused || answer.value === null);
  });
}

/** Of the questions on the way how many are answered: 3 / 7. */
export function progress(path: Path, answers: Answers): { done: number; all: number } {
  const questions = steps(path);
  return { done: questions.filter((part) => answers.has(part.id)).length, all: questions.length };
}

/** The part before the shown one on the way, questions and messages alike. */
export function before(path: Path, shown: Part | null): Part | null {
  if (shown === null || shown === path.here) return path.passed.at(-1) ?? null;
  const at = path.passed.indexOf(shown);
  return at > 0 ? (path.passed[at - 1] ?? null) : null;
}

/** The part after the shown one: on the way passed, or where the talk stands. */
export function after(path: Path, shown: Part): Part | null {
  const at = path.passed.indexOf(shown);
  if (at < 0) return path.ahead.find(isQuestion) ?? null;
  return path.passed[at + 1] ?? path.here;
}

/** What an option of this key is, by the key as it is printed. */
export const optionOf = (part: Part, key: string): Option | undefined =>
  part.options.find((option) => option.key === key);

/**
 * What a further digit makes of an entry: `1` then `0` is 10 where ten is allowed, otherwise the digit begins anew. null: this digit
 * cannot stand here.
 */
export function typed(part: Part, entry: number | null, digit: number): number | null {
  const max = part.max ?? 9;
  const longer = entry === null ? digit : entry * 10 + digit;
  if (longer <= max) return longer;
  return digit <= max ? digit : null;
}

/** Whether a value can be the answer. */
export function fits(part: Part, value: number): boolean {
  if (part.kind === 'score' || part.kind === 'number') {
    return Number.isInteger(value) && value >= (part.min ?? 0) && value <= (part.max ?? 9);
  }
  if (part.kind === 'open') return value === 1;
  return part.options.some((option) => option.code === value);
}

/** All that can be chosen for a score, as options. */
export function scores(part: Part): readonly number[] {
  if (part.kind !== 'score') return [];
  const [min, max] = [part.min ?? 0, part.max ?? 10];
  return Array.from({ length: Math.max(0, Math.min(max - min + 1, 21)) }, (_, at) => min + at);
}

/** The sentence for a person to read: the machine's “请按1” left out. */
export function spoken(part: Part): string {
  if (part.kind === 'message' || part.kind === 'open') return part.say;
  return part.say
    .replace(/请按\s*[0-9零一二三四五六七八九*#]/g, '')
    .replace(/，\s*。/g, '。')
    .replace(/[，、；]\s*$/, '。');
}

/** A sentence cut where it names an option, so that the options can be marked in it. */
export function marked(sentence: string, part: Part): readonly { text: string; isOption: boolean }[] {
  const labels = part.options
    .map((option) => option.label)
    .filter((label) => label.length > 1)
    .sort((a, b) => b.length - a.length);
  const pieces: { text: string; isOption: boolean }[] = [];
  let plain = '';
  let at = 0;
  while (at < sentence.length) {
    const label = labels.find((one) => sentence.startsWith(one, at));
    if (label === undefined) {
      plain += sentence[at];
      at += 1;
      continue;
    }
    if (plain !== '') pieces.push({ text: plain, isOption: false });
    plain = '';
    pieces.push({ text: label, isOption: true });
    at += label.length;
  }
  if (plain !== '') pieces.push({ text: plain, isOption: false });
  return pieces;
}
