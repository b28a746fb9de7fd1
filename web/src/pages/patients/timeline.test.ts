import { describe, expect, it } from 'vitest';
import { type Answer, type Attempt, eventsOf, isLow, isQuiet, mayQueueAgain } from './timeline';

const attempt = (id: number, begun_at: string): Attempt => ({
  id,
  case_id: 1,
  begun_at,
  answered_at: null,
  ended_at: null,
  number: '138****0001',
  trunk: 'north',
  disposition: 'no_answer',
  counted: true,
  sentence: { zh: '', en: '' },
  recording_ms: null,
  recording_deleted_at: null,
});

const answer = (id: number, attempt_id: number, value: number | null, label: string | null): Answer => ({
  id,
  attempt_id,
  question: 'care',
  title: '护理',
  kind: value === null ? 'silent' : 'value',
  value,
  label,
  keys: value === null ? '' : String(value),
  at: '2026-11-20T11:00:00.000Z',
});

describe('timeline', () => {
  it('puts encounters, attempts and notes in one line, the newest first', () => {
    const events = eventsOf({
      encounters: [
        {
          id: 5,
          visit_no: 'V0***',
          kind: 'inpatient',
          department: '心内科',
          ward: null,
          doctor: null,
          admitted_at: '2026-11-01T00:00:00.000Z',
          discharged_at: '2026-11-10T00:00:00.000Z',
          diagnoses: null,
        },
      ],
      attempts: [attempt(1, '2026-11-19T11:00:00.000Z'), attempt(2, '2026-11-20T11:00:00.000Z')],
      answers: [answer(1, 2, 4, '不满意')],
      notes: [{ id: 3, at: '2026-11-21T01:00:00.000Z', who: 'wang', text: '<script>' }],
    });
    expect(events.map((event) => event.key)).toEqual(['n3', 'a2', 'a1', 'e5']);
    const called = events[1];
    expect(called?.kind === 'attempt' && called.answers.length).toBe(1);
  });

  it('is quiet after a death and after an erasure', () => {
    expect(isQuiet({ deceased: false, erased_at: null })).toBe(false);
    expect(isQuiet({ deceased: true, erased_at: null })).toBe(true);
    expect(isQuiet({ deceased: false, erased_at: '2026-11-20T11:00:00.000Z' })).toBe(true);
  });

  it('calls an answer low only where it has a meaning', () => {
    expect(isLow(answer(1, 1, 4, '不满意'))).toBe(true);
    expect(isLow(answer(1, 1, 4, null))).toBe(false);
    expect(isLow(answer(1, 1, 1, '满意'))).toBe(false);
    expect(isLow(answer(1, 1, null, null))).toBe(false);
  });

  it('queues again what is open or failed for its numbers', () => {
    expect([null, 'number_dead', 'not_reached'].map(mayQueueAgain)).toEqual([true, true, true]);
    expect(['completed', 'refused', 'not_eligible'].map(mayQueueAgain)).toEqual([false, false, false]);
  });
});
