// Answers that somebody put right: what counts now, with what the patient gave struck beside it.
import type { Answer } from './model';
import type { Correction } from './ScorecardData';

type Made = Pick<Correction, 'question' | 'kind' | 'who' | 'reason'> & {
  readonly value?: number | null;
  readonly label?: string | null;
};

/** The answers as they count; `words` says what an answer without a value is. */
export function corrected(
  answers: readonly Answer[],
  corrections: readonly Made[],
  words: { readonly hints: Readonly<Record<string, string>> },
): readonly Answer[] {
  if (corrections.length === 0) return answers;
  // The first ones come first: the latest of a question stands.
  const latest = new Map(corrections.map((made) => [made.question, made]));
  return answers.map((answer) => {
    const made = latest.get(answer.question);
    if (made === undefined) return answer;
    const value = made.value ?? null;
    return {
      ...answer,
      key: value === null ? null : String(value),
      label: value === null ? (words.hints[made.kind] ?? made.kind) : (made.label ?? String(value)),
      corrected: { key: answer.key, label: answer.label, by: made.who, why: made.reason },
    };
  });
}
