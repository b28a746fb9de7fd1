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
