// Beside the list: the lowest answer of the chosen call, and its five seconds.

import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Link } from 'react-router';

import { useMay } from '../../api/session';
import { Icon } from '../../components/Icon';
import { Keycap } from '../../components/Keycap';
import { useLanguage, useWords } from '../../i18n';
import { moment, useTimes } from '../../time';
import { useCall } from '../replay/data';
import { answersOf, type FetchedCall } from '../replay/fetched';
import { ofAnswer } from '../replay/hearing';
import type { Answer, Span } from '../replay/model';
import { ResultTag } from '../replay/ResultTag';
import { useTransport } from '../replay/useTransport';
import { en, zh } from '../replay/words';
import type { CallLine } from './data';
import css from './recordings.module.css';
import { words } from './words';

/** The answer that matters most: of the lowest points, the first that was given. */
export function lowest(call: FetchedCall, answers: readonly Answer[]): Answer | null {
  const scored = call.timeline.answers.filter(
    (answer) => typeof answer.points === 'number' && answer.key !== '',
  );
  const least = scored.reduce<(typeof scored)[number] | null>(
    (best, answer) => (best === null || (answer.points ?? 0) < (best.points ?? 0) ? answer : best),
    null,
  );
  return answers.find((answer) => answer.question === least?.question) ?? null;
}

interface Props {
  readonly line: CallLine;
  readonly address: (question: string | null) => string;
  /** Grows when the five seconds are asked for, by Space or by the row's own button. */
  readonly asked: number;
  readonly onSounding: (sounding: boolean) => void;
}

/** Reads the call's row by row of the table, its sound only when somebody wants to hear it. */
export function Preview({ line, address, asked, onSounding }: Props) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const replayWords = language === 'zh' ? zh : en;
  const { data } = useCall(line.id);
  const found = useMemo(() => {
    if (data === undefined) return null;
    const answer = lowest(data, answersOf(data, replayWords));
    return {
      call: data,
      answer,
      span: answer === null ? null : ofAnswer(answer, Math.max(data.timeline.length_ms, 1)),
    };
  }, [data, replayWords]);
  const audible =
    useMay('listen') !== null && line.audio === 'available' && data?.recording.hash !== 'differs';
  const answer = found?.answer ?? null;
  return (
    <>
      <h2>{t('preview')}</h2>
      <div>
        <div className={css.who}>{line.patient ?? replayWords.nobody}</div>
        <div className={css.facts}>
          {[line.department, line.doctor].filter(Boolean).join(' · ') || '—'}
          <br />
          {times.second(line.at)} · {times.length(line.length_ms)}
        </div>
      </div>
      {line.ending && (
        <div>
          <ResultTag disposition={line.ending.disposition} />
        </div>
      )}
      {found !== null && answer === null && <p className={css.facts}>{t('noScore')}</p>}
      {answer !== null && (
        <div>
          <div className={css.facts}>{answer.title}</div>
          <div className={css.given}>
            <Keycap look={answer.hints.includes('low') ? 'low' : 'patient'}>{answer.key ?? ''}</Keycap>
            {answer.label}
          </div>
          {answer.atMs !== null && (
            <div className={css.facts}>
              {t('atMoment', { at: moment(answer.atMs) })}
              {answer.reactionMs !== null &&
                ` · ${replayWords.reaction} ${replayWords.secondsOf(answer.reactionMs)}`}
            </div>
          )}
        </div>
      )}
      {line.audio !== 'available' && <p className={css.facts}>{t(line.audio)}</p>}
      <div className={css.buttons}>
        {audible && found !== null && found.span !== null && (
          <Player
            key={line.id}
            id={line.id}
            totalMs={found.call.timeline.length_ms}
            span={found.span}
            asked={asked}
            onSounding={onSounding}
          />
        )}
        <Link to={address(answer?.question ?? null)}>{t('open')}</Link>
      </div>
    </>
  );
}

function Player({
  id,
  totalMs,
  span,
  asked,
  onSounding,
}: {
  id: number;
  totalMs: number;
  span: Span;
  asked: number;
  onSounding: Props['onSounding'];
}) {
  const t = useWords(words);
  const transport = useTransport(id, totalMs);
  const playing = useSyncExternalStore(transport.watch, transport.now);
  useEffect(() => {
    onSounding(playing.on);
    return () => onSounding(false);
  }, [playing.on, onSounding]);
  useEffect(() => {
    if (asked === 0) return;
    if (transport.now().on) transport.pause();
    else transport.once(span);
  }, [asked, transport, span]);
  return (
    <button
      type="button"
      className="plain"
      onClick={() => (playing.on ? transport.pause() : transport.once(span))}
    >
      <Icon name={playing.on ? 'pause' : 'play'} size={12} /> {t(playing.on ? 'pause' : 'hearLowest')}
    </button>
  );
}
