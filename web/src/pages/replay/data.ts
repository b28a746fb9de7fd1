// The call, its peaks, comments, listen log and evidence from the daemon.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, ask } from '../../api/client';
import { useSession } from '../../api/session';
import type { FetchedCall } from './fetched';
import type { Hearing, Note } from './model';
import type { Peaks } from './Wave';

/** The loudest of every bin, 0 to 1, out of lowest and highest samples in turn. */
export function loudest(pairs: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2)
    found.push(Math.max(Math.abs(pairs[i] ?? 0), Math.abs(pairs[i + 1] ?? 0)) / 128);
  return found;
}

const at = (id: number) => ({ params: { path: { id } } });

/** The call itself: head, timeline, answers. */
export function useCall(id: number) {
  return useQuery<FetchedCall>({
    queryKey: ['call', id],
    queryFn: ({ signal }) => ask(api.GET('/api/calls/{id}', { ...at(id), signal })),
    staleTime: 30_000,
  });
}

/** The shape of the sound; asked for only where there is a recording that one may hear. */
export function usePeaks(id: number, wanted: 'wanted' | 'unwanted') {
  return useQuery<Peaks>({
    queryKey: ['call', id, 'peaks'],
    enabled: wanted === 'wanted',
    queryFn: async ({ signal }) => {
      const peaks = await ask(api.GET('/api/calls/{id}/peaks', { ...at(id), signal }));
      return { patient: loudest(peaks.patient), hospital: loudest(peaks.hospital) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** Comments in the order of their moments. */
export function useNotes(id: number) {
  const session = useSession();
  const { data } = useQuery({
    queryKey: ['call', id, 'comments'],
    queryFn: ({ signal }) => ask(api.GET('/api/calls/{id}/comments', { ...at(id), signal })),
  });
  return useMemo<readonly Note[]>(
    () =>
      (data?.items ?? []).map((one) => ({
        id: one.id,
        name: one.author.name,
        atMs: one.at_ms,
        text: one.text ?? null,
        madeAt: one.made_at,
        mine: one.author.id === session.person.id,
      })),
    [data, session.person.id],
  );
}

/** Pins, takes back, flags. */
export function useActs(id: number) {
  const queries = useQueryClient();
  const again = (part: string) => () => queries.invalidateQueries({ queryKey: ['call', id, part] });
  const write = useMutation({
    mutationFn: (note: { atMs: number; text: string }) =>
      ask(
        api.POST('/api/calls/{id}/comments', {
          ...at(id),
          body: { at_ms: Math.round(note.atMs), text: note.text },
        }),
      ),
    onSuccess: again('comments'),
  });
  const strike = useMutation({
    mutationFn: (comment: number) =>
      ask(api.DELETE('/api/calls/{id}/comments/{comment}', { params: { path: { id, comment } } })),
    onSettled: again('comments'),
  });
  const flag = useMutation({
    mutationFn: (flags: readonly string[]) =>
      ask(api.PUT('/api/calls/{id}/flags', { ...at(id), body: { flags: [...flags] } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['call', id], exact: true }),
  });
  return { write, strike, flag };
}

/** Who heard what; read anew whenever the tab is opened. */
export function useHearings(id: number) {
  const { data } = useQuery({
    queryKey: ['call', id, 'listening'],
    queryFn: ({ signal }) => ask(api.GET('/api/calls/{id}/listening', { ...at(id), signal })),
    staleTime: 0,
    refetchOnMount: 'always',
  });
  return useMemo<readonly Hearing[]>(
    () =>
      (data?.items ?? []).map((one) => ({
        id: `${one.sitting}:${one.from_ms}`,
        name: one.person.name,
        firstAt: one.first_at,
        reason: one.reason ?? null,
        fromMs: one.from_ms,
        toMs: one.to_ms,
      })),
    [data],
  );
}
