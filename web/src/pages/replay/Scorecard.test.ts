import { describe, expect, it } from 'vitest';
import { ownOf, waitingOf } from './Scorecard';
import type { Review } from './ScorecardData';
import { presentOf } from './ScorecardDialogs';

const review = (given: Partial<Review>): Review => ({
  id: 1,
  call_id: 7,
  scorecard_id: 1,
  kind: 'own',
  mine: false,
  state: 'signed',
  marks: [],
  due_at: '2026-11-22T00:00:00.000Z',
  hidden: false,
  reviewer_id: 3,
  ...given,
});

describe('the review that a person sees first', () => {
  it('is the own open one, else the latest own signed one, never another person’s', () => {
    const others = review({ id: 1 });
    const signed = review({ id: 2, mine: true });
    const draft = review({ id: 3, mine: true, state: 'draft' });
    expect(ownOf([others])).toBeNull();
    expect(ownOf([others, signed])).toBe(signed);
    expect(ownOf([draft, others, signed])).toBe(draft);
  });

  it('is one to be claimed only for whoever has not judged the call', () => {
    const open = review({ id: 4, kind: 'second', state: 'waiting', reviewer_id: null, first_id: 1 });
    expect(waitingOf([review({}), open])).toBe(open);
    expect(waitingOf([review({ mine: true }), open])).toBeNull();
  });
});

it('corrects what stands there now: the latest correction, else the answer', () => {
  const answer = { question: 'care', title: '护理', kind: 'value', value: 4, label: '不满意', options: [] };
  const correction = {
    id: 1,
    call_id: 7,
    question: 'care',
    old_kind: 'value',
    old_value: 4,
    kind: 'value',
    value: 1,
    reason: '=1+1',
    who: 'zhou',
    at: '2026-11-22T00:00:00.000Z',
  };
  expect(presentOf(answer, [])).toBe(answer);
  expect(presentOf(answer, [correction, { ...correction, id: 2, value: 2 }])).toMatchObject({
    id: 2,
    value: 2,
  });
  expect(presentOf(answer, [{ ...correction, question: 'food' }])).toBe(answer);
});
