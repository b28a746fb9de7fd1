// What happened to a patient as one line of events, the newest first: encounters, attempts with their answers, notes.
import type { components } from '../../api/schema';

export type PatientPage = components['schemas']['PatientPage'];
export type Attempt = PatientPage['attempts'][number];
export type Answer = PatientPage['answers'][number];
type Encounter = PatientPage['encounters'][number];
export type Note = PatientPage['notes'][number];

export type Event =
  | { kind: 'encounter'; key: string; at: string; encounter: Encounter }
  | { kind: 'attempt'; key: string; at: string; attempt: Attempt; answers: readonly Answer[] }
  | { kind: 'note'; key: string; at: string; note: Note };

/** An encounter without any time stands at the end. */
const BEFORE_ALL = '0000';

export function eventsOf(page: Pick<PatientPage, 'attempts' | 'answers' | 'encounters' | 'notes'>): Event[] {
  const answers = new Map<number, Answer[]>();
  for (const answer of page.answers) {
    const those = answers.get(answer.attempt_id);
    if (those) those.push(answer);
    else answers.set(answer.attempt_id, [answer]);
  }
  const events: Event[] = [
    ...page.encounters.map((encounter): Event => {
      const at = encounter.discharged_at ?? encounter.admitted_at ?? BEFORE_ALL;
      return { kind: 'encounter', key: `e${encounter.id}`, at, encounter };
    }),
    ...page.attempts.map(
      (attempt): Event => ({
        kind: 'attempt',
        key: `a${attempt.id}`,
        at: attempt.begun_at,
        attempt,
        answers: answers.get(attempt.id) ?? [],
      }),
    ),
    ...page.notes.map((note): Event => ({ kind: 'note', key: `n${note.id}`, at: note.at, note })),
  ];
  return events.sort((a, b) => (a.at === b.at ? a.key.localeCompare(b.key) : a.at < b.at ? 1 : -1));
}

/** After a death the page is quiet: nothing can be done there but noting. */
export function isQuiet(page: Pick<PatientPage, 'deceased' | 'erased_at'>): boolean {
  return page.deceased || page.erased_at !== null;
}

/** Whether an answer is a low one: drawn filled. Only scales of four are judged here. */
export function isLow(answer: Answer): boolean {
  return answer.kind === 'value' && answer.label !== null && answer.value === 4;
}

/** A case that failed for its numbers, or was not reached, can be called again; an open one at once. */
export function mayQueueAgain(outcome: string | null | undefined): boolean {
  return outcome === null || outcome === undefined || outcome === 'number_dead' || outcome === 'not_reached';
}

/** `2026-11-23 18:30` in a zone as the API takes it; null: it cannot be read. */
export function timeIn(text: string, zone: string): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})$/.exec(text.trim());
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  const asked = Date.UTC(year, month - 1, day, hour, minute);
  const back = new Date(asked);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59) return null;
  // The zone's clock at this time; asked twice, because the first guess may stand on the other side of a change.
  let at = asked;
  for (let round = 0; round < 2; round += 1) at = asked - offsetOf(at, zone);
  return new Date(at).toISOString();
}

function offsetOf(at: number, zone: string): number {
  const parts: Record<string, number> = {};
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  for (const part of format.formatToParts(new Date(at))) parts[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
