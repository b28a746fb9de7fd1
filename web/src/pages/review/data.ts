// What the review queue reads and writes.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type Row = Schemas['QueueShown'];
export type Sample = Schemas['SampleShown'];
type Summary = Schemas['Summary'];
export type Agreement = Schemas['AgreementShown'];
export type Kappa = Schemas['KappaShown'];
type NewSample = Schemas['SampleTyped'];
export type Queue = 'mine' | 'sample' | 'appeals' | 'double' | 'signed';

export const QUEUES = ['mine', 'sample', 'appeals', 'double', 'signed'] as const satisfies readonly Queue[];

export function useSummary() {
  return useQuery({
    queryKey: ['reviews', 'summary'],
    queryFn: ({ signal }) => ask<Summary>(api.GET('/api/reviews/summary', { signal })),
    refetchInterval: 60_000,
  });
}

export function useRows(queue: Queue, is: 'wanted' | 'unwanted' = 'wanted') {
  return usePages(
    ['reviews', 'queue', queue],
    (cursor, signal) =>
      ask(api.GET('/api/reviews', { params: { query: { queue, rows: 100, ...cursor } }, signal })),
    { enabled: is === 'wanted' },
  );
}

export function useAgreement() {
  return useQuery({
    queryKey: ['reviews', 'agreement'],
    queryFn: ({ signal }) => ask<Agreement>(api.GET('/api/agreement', { signal })),
  });
}

export function useReviewers() {
  return useQuery({
    queryKey: ['reviews', 'people'],
    queryFn: ({ signal }) => ask(api.GET('/api/reviewers', { signal })),
  });
}

export function useDraw() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewSample) => ask<Sample>(api.POST('/api/samples', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['reviews'] }),
  });
}

export function useRedraw() {
  return useMutation({
    mutationFn: (id: number) => ask(api.GET('/api/samples/{id}/redraw', { params: { path: { id } } })),
  });
}

export const claim = (id: number) => ask(api.POST('/api/reviews/{id}/claim', { params: { path: { id } } }));

/** As κ is written: two decimals, — where it is not defined. */
export function kappaText(kappa: number | null | undefined): string {
  return kappa == null ? '—' : kappa.toFixed(2).replace('-', '−');
}
