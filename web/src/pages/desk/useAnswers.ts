// Answers on their way: sent one after another in the order in which they were given, shown at once, taken back where refused.
import { useCallback, useRef, useState } from 'react';
import { ApiError } from '../../api/error';
import type { AnswerNow } from './api';
import { useDesk } from './useDesk';

export interface Answers {
  /** Those that the daemon has not confirmed yet. */
  coming: readonly AnswerNow[];
  error: ApiError | null;
  give: (answer: AnswerNow) => void;
}

export function useAnswers(talk: number): Answers {
  const { door, take } = useDesk();
  const [coming, setComing] = useState<readonly AnswerNow[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const tail = useRef<Promise<void>>(Promise.resolve());
  const give = useCallback(
    (answer: AnswerNow) => {
      setError(null);
      setComing((before) => [...before, answer]);
      tail.current = tail.current
        .then(() => door.answer(talk, answer))
        .then(take)
        .catch((why: unknown) => setError(ApiError.of(why)))
        .finally(() => setComing((before) => before.filter((one) => one !== answer)));
    },
    [door, take, talk],
  );
  return { coming, error, give };
}
