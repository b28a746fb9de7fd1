// The evidence of a call as the daemon tells it, in the words of the page.

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { useLanguage } from '../../i18n';
import type { FetchedCall } from './fetched';
import type { Proof as Facts, Step } from './model';
import { Proof } from './Proof';
import css from './replay.module.css';
import type { Words } from './words';

interface Props {
  readonly call: FetchedCall;
  readonly words: Words;
  readonly time: (at: string) => string;
  readonly onGo: (ms: number) => void;
}

/** Read when the tab is opened. */
export function EvidenceTab({ call, words, time, onGo }: Props) {
  const { language } = useLanguage();
  const { data, error, refetch } = useQuery({
    queryKey: ['call', call.id, 'evidence'],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/calls/{id}/evidence', { params: { path: { id: call.id } }, signal })),
  });
  const proof = useMemo<Facts | null>(() => {
    if (data === undefined) return null;
    const answered = call.answered_at ? Date.parse(call.answered_at) : null;
    const steps: readonly Step[] = data.steps.map((step, place) => ({
      id: String(place),
      at: step.at ?? null,
      atMs: step.at && answered !== null ? Date.parse(step.at) - answered : null,
      words: words.steps[step.what] ?? step.what,
      raw:
        step.value === '' ? null : step.value.replace(/^[a-z_]+/, (first) => words.endings[first] ?? first),
    }));
    const { media } = data;
    return {
      steps,
      rule: data.rule?.id ?? '',
      ruleWords: data.rule ? data.rule[language] : '',
      media: words.media(media.packets_sent, media.packets_received, media.packets_lost, media.gap_max_ms),
      hashes: [
        ...(data.hashes.recording ? [{ name: words.recordingFile, value: data.hashes.recording }] : []),
        {
          name: `${words.questionnaire} ${call.dialplan.title ?? call.dialplan.file}`,
          value: data.hashes.dialplan,
        },
      ],
      raw: JSON.stringify({ facts: data.facts, sip: data.sip }, null, 2),
    };
  }, [data, call, words, language]);
  if (proof !== null) return <Proof proof={proof} words={words} time={time} onGo={onGo} />;
  if (error === null) return <div className={css.empty} aria-busy="true" />;
  return (
    <div className={css.empty} role="alert">
      <p>{words.evidenceFailed}</p>
      {ApiError.of(error).instance !== undefined && <p className={css.mono}>{ApiError.of(error).instance}</p>}
      <button type="button" className={css.small} onClick={() => void refetch()}>
        {words.retry}
      </button>
    </div>
  );
}
