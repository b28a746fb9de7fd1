// What the scorecard reads and writes.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type Review = Schemas['ReviewShown'];
export type Card = Schemas['ScorecardShown'];
export type CallReviews = Schemas['CallReviews'];
export type Corrections = Schemas['Corrections'];
export type Correctable = Schemas['CorrectableShown'];
export type Correction = Schemas['CorrectionShown'];
export type AnswerKind = Schemas['AnswerKind'];

interface Judged {
  marks: { item: string; option: number | null; note: string }[];
  note: string | null;
}

const reviewsKey = (call: number) => ['calls', call, 'reviews'] as const;
const correctionsKey = (call: number) => ['calls', call, 'corrections'] as const;

export function useReviews(call: number) {
  return useQuery({
    queryKey: reviewsKey(call),
    queryFn: ({ signal }) =>
      ask<CallReviews>(api.GET('/api/calls/{id}/reviews', { params: { path: { id: call } }, signal })),
  });
}

export function useCorrections(call: number) {
  return useQuery({
    queryKey: correctionsKey(call),
    queryFn: ({ signal }) =>
      ask<Corrections>(api.GET('/api/calls/{id}/corrections', { params: { path: { id: call } }, signal })),
  });
}

const one = (id: number) => ({ params: { path: { id } } });

export const begin = (call: number, card: number): Promise<Review> =>
  ask(api.POST('/api/reviews', { body: { call_id: call, scorecard_id: card } }));
export const save = (id: number, body: Judged): Promise<Review> =>
  ask(api.PUT('/api/reviews/{id}', { ...one(id), body }));
export const sign = (id: number, body: Judged): Promise<Review> =>
  ask(api.POST('/api/reviews/{id}/sign', { ...one(id), body }));
export const claim = (id: number): Promise<Review> => ask(api.POST('/api/reviews/{id}/claim', one(id)));
export const release = (id: number): Promise<Review> => ask(api.POST('/api/reviews/{id}/release', one(id)));
export const appeal = (id: number, reason: string): Promise<Review> =>
  ask(api.POST('/api/reviews/{id}/appeal', { ...one(id), body: { reason } }));
export const second = (id: number): Promise<Review> =>
  ask(api.POST('/api/reviews/{id}/second', { ...one(id), body: {} }));

/** Something that changes the reviews of a call; everything that shows them is read anew. */
export function useChange<V>(call: number, change: (value: V) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: reviewsKey(call) }),
        queries.invalidateQueries({ queryKey: ['reviews'] }),
      ]);
    },
  });
}

interface NewCorrection {
  question: string;
  kind: AnswerKind;
  value: number | null;
  reason: string;
}

/** Corrects an answer; the call and its lists are read anew. */
export function useCorrect(call: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewCorrection) =>
      ask<Correction>(api.POST('/api/calls/{id}/corrections', { params: { path: { id: call } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['calls'] }),
  });
}
