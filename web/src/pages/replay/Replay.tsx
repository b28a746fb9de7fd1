// The replay of one call: header, player, lanes, answers, the right column, and what ties them together.

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'react-router';

import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { recall, remember } from '../../api/storage';
import { Icon } from '../../components/Icon';
import { useLanguage } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { useTheme } from '../../theme/theme';
import { useTimes } from '../../time';
import { Answers } from './Answers';
import { Bundle } from './Bundle';
import { Comments } from './Comments';
import { corrected } from './corrected';
import { useActs, useNotes, usePeaks } from './data';
import { EvidenceTab } from './EvidenceTab';
import { Flags } from './Flags';
import { answersOf, type FetchedCall, headOf, soundOf, timelineOf } from './fetched';
import { Header } from './Header';
import { around, neighbour, ofAnswer, pressOf, promptOf } from './hearing';
import { Integrity } from './Integrity';
import { BINDINGS, type Command, neighbourOf, nextSpeed } from './keyboard';
import type { Lit } from './Lanes';
import { ListeningTab } from './ListeningTab';
import type { Answer, Press, Prompt, Span } from './model';
import { PlayerBar } from './PlayerBar';
import type { Place } from './queue';
import { ResultTag, useResult } from './ResultTag';
import css from './replay.module.css';
import { useCorrections } from './ScorecardData';
import { Side, TABS, type Tab } from './Side';
import { Stage } from './Stage';
import { useTransport } from './useTransport';
import type { Words } from './words';

/** What is selected: an answer, or a stretch of the wave. */
type Chosen =
  | { readonly answer: Answer; readonly span: Span | null }
  | { readonly answer: null; readonly span: Span };

const AUTOPLAY = 'aftercall.autoplay';

interface Props {
  readonly call: FetchedCall;
  readonly queue: Place | null;
  readonly words: Words;
  readonly onGo: (id: number | null) => void;
}

/** One instance per call. */
export function Replay({ call, queue, words, onGo }: Props) {
  const { language } = useLanguage();
  const { theme } = useTheme();
  const times = useTimes();
  const [address, setAddress] = useSearchParams();
  const may = {
    listen: useMay('listen') !== null,
    comment: useMay('comment') !== null,
    review: useMay('review') !== null,
    export: useMay('export_evidence') !== null,
  };

  const notes = useNotes(call.id);
  const acts = useActs(call.id);
  const told = useMemo(() => soundOf(call), [call]);
  const peaks = usePeaks(
    call.id,
    may.listen && told.state === 'kept' && told.intact !== false ? 'wanted' : 'unwanted',
  );
  // Whoever first looks at the sound has it compared with its hash.
  const differs = peaks.error !== null && ApiError.of(peaks.error).title === 'hash_differs';
  const sound = useMemo(
    () =>
      differs
        ? { ...told, intact: false }
        : peaks.isSuccess && told.intact === null
          ? { ...told, intact: true }
          : told,
    [told, differs, peaks.isSuccess],
  );
  const audible = may.listen && sound.state === 'kept' && sound.intact !== false;
  const corrections = useCorrections(call.id).data;
  const answers = useMemo(
    () => corrected(answersOf(call, words), corrections?.items ?? [], words),
    [call, words, corrections],
  );
  const timeline = useMemo(() => timelineOf(call, notes, words), [call, notes, words]);
  const head = useMemo(() => headOf(call, language, words), [call, language, words]);

  const transport = useTransport(call.id, timeline.totalMs);
  const playing = useSyncExternalStore(transport.watch, transport.now);
  const [listened, setListened] = useState(false);
  if (playing.on && !listened) setListened(true);

  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [asked, setAsked] = useState(0);
  const [dialog, setDialog] = useState<'bundle' | 'flags' | null>(null);
  const [drawer, setDrawer] = useState(false);

  const wanted = address.get('tab');
  const tab = TABS.find((one) => one === wanted) ?? (may.review ? 'scorecard' : 'evidence');
  const write = useCallback(
    (changes: Readonly<Record<string, string | null>>) =>
      setAddress(
        (current) => {
          for (const [name, value] of Object.entries(changes)) {
            if (value === null) current.delete(name);
            else current.set(name, value);
          }
          return current;
        },
        { replace: true },
      ),
    [setAddress],
  );
  const show = (next: Tab): void => {
    write({ tab: next });
    setDrawer(true);
  };

  const select = useCallback(
    (answer: Answer, start: 'playing' | 'paused') => {
      const span = ofAnswer(answer, timeline.totalMs);
      setChosen({ answer, span });
      write({ q: answer.question, t: null });
      if (span !== null && audible) transport.hear(span, start);
    },
    [timeline.totalMs, transport, audible, write],
  );

  // Opened from a score: there, and still unless the listener wants otherwise.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current) return;
    opened.current = true;
    const start = recall(AUTOPLAY) === 'on' ? 'playing' : 'paused';
    const answer = answers.find(
      (one) => one.question === address.get('q') || one.number === address.get('q'),
    );
    const at = address.get('t');
    if (answer !== undefined) select(answer, start);
    else if (at !== null && Number.isFinite(Number(at))) transport.seek(Number(at) * 1_000);
  }, [address, answers, select, transport]);

  const heard = chosen?.answer ?? null;
  const lit = useMemo<Lit>(() => {
    if (chosen === null) return { span: null, prompt: null, press: null, low: false };
    if (chosen.answer === null) return { span: chosen.span, prompt: null, press: null, low: false };
    const { answer, span } = chosen;
    return {
      span,
      prompt: promptOf(answer, timeline.prompts),
      press: pressOf(answer, timeline.presses),
      low: answer.hints.includes('low'),
    };
  }, [chosen, timeline]);

  const release = useCallback(() => {
    transport.release();
    setChosen(null);
    write({ q: null });
  }, [transport, write]);

  const selectSpan = useCallback(
    (span: Span) => {
      setChosen({ answer: null, span });
      write({ q: null });
      if (audible) transport.hear(span, 'playing');
    },
    [transport, audible, write],
  );
  const hearAnswer = useCallback(
    (answer: Answer) => {
      const isHere = heard?.question === answer.question && transport.now().loop !== null;
      if (isHere && transport.now().on) transport.pause();
      else select(answer, 'playing');
    },
    [heard, transport, select],
  );
  const ofQuestion = useCallback(
    (question: string | null) => answers.find((one) => one.question === question) ?? null,
    [answers],
  );
  const onPrompt = useCallback(
    (prompt: Prompt) => {
      const answer = ofQuestion(prompt.question);
      if (answer !== null) select(answer, 'playing');
      else if (prompt.fromMs >= 0) selectSpan({ fromMs: prompt.fromMs, toMs: prompt.toMs });
    },
    [ofQuestion, select, selectSpan],
  );
  const onPress = useCallback(
    (press: Press) => {
      const answer = press.sense === 'steering' ? null : ofQuestion(press.question);
      if (answer !== null) select(answer, 'playing');
      else selectSpan(around(press.atMs, timeline.totalMs));
    },
    [ofQuestion, select, selectSpan, timeline.totalMs],
  );
  const go = useCallback(
    (ms: number) => {
      const { loop } = transport.now();
      if (loop === null || ms < loop.fromMs || ms >= loop.toMs) setChosen(null);
      transport.seek(ms);
      write({ t: String(Math.round(ms / 100) / 10), q: null });
    },
    [transport, write],
  );
  const onMark = useCallback((mark: { fromMs: number }) => go(mark.fromMs), [go]);
  const onFocusQuestion = useCallback(
    (question: string) => {
      const answer = ofQuestion(question);
      if (answer !== null) select(answer, 'paused');
    },
    [ofQuestion, select],
  );

  const comment = (): void => {
    show('comments');
    setAsked((count) => count + 1);
  };
  const run = (command: Command): void => {
    switch (command.do) {
      case 'play':
        if (audible) transport.toggle();
        break;
      case 'skip':
        go(transport.atMs() + command.ms);
        break;
      case 'start':
        go(0);
        break;
      case 'end':
        go(timeline.totalMs);
        break;
      case 'row': {
        const next = neighbourOf(
          answers.map((one) => one.question),
          heard?.question ?? null,
          command.way,
        );
        const answer = ofQuestion(next);
        if (answer !== null) select(answer, playing.on ? 'playing' : 'paused');
        break;
      }
      case 'hear':
        if (heard !== null) hearAnswer(heard);
        break;
      case 'key': {
        const press = neighbour(timeline.presses, lit.press?.atMs ?? transport.atMs(), command.way);
        if (press !== null) onPress(press);
        break;
      }
      case 'channel':
        transport.setChannel(command.channel);
        break;
      case 'speed':
        transport.setSpeed(nextSpeed(playing.speed, command.way));
        break;
      case 'loop':
        if (playing.loop !== null) release();
        else selectSpan(around(transport.atMs(), timeline.totalMs));
        break;
      case 'comment':
        if (may.comment) comment();
        break;
      case 'flag':
        if (may.comment) setDialog('flags');
        break;
      case 'panel':
        setDrawer((open) => !open);
        break;
      case 'call':
        onGo((command.way === 'next' ? queue?.next : queue?.previous) ?? null);
        break;
      case 'release':
        if (drawer) setDrawer(false);
        else release();
        break;
    }
  };
  useShortcuts(
    BINDINGS.map((binding) => ({ keys: binding.keys, does: binding.does, run: () => run(binding.command) })),
  );

  const atMs = useCallback(() => transport.atMs(), [transport]);
  const time = useCallback((at: string) => times.ago(at), [times]);
  const second = useCallback((at: string) => times.clock(at), [times]);
  const missing = sound.state === 'unavailable' || playing.failed || (audible && peaks.isError);
  const result = useResult()(head.disposition);
  const loopName = heard === null ? words.selection : words.ofQuestion(heard.number);

  return (
    <div className={css.page}>
      {sound.intact === false && (
        <div className={css.broken} role="alert">
          <Icon name="warning" />
          {words.broken}
        </div>
      )}
      <Header
        head={head}
        tag={<ResultTag disposition={head.disposition} />}
        result={result}
        called={times.second(head.calledAt)}
        discharged={times.day(head.dischargedAt)}
        words={words}
        onEvidence={() => show('evidence')}
      />
      <div className={css.cols}>
        <div className={css.left}>
          <section className={`card ${css.card}`} aria-label={words.picture} style={{ flex: 'none' }}>
            <PlayerBar
              transport={transport}
              totalMs={timeline.totalMs}
              loopName={loopName}
              low={lit.low}
              mayComment={may.comment}
              disabled={!audible}
              words={words}
              onRelease={release}
              onComment={comment}
              onPanel={() => setDrawer((open) => !open)}
            />
            {missing && (
              <div className={css.unavailable} role="status">
                <Icon name="warning" />
                {words.unavailable}
                <button
                  type="button"
                  className={css.link}
                  onClick={() => {
                    void peaks.refetch();
                    if (playing.failed) transport.retry();
                  }}
                >
                  {words.retry}
                </button>
              </div>
            )}
            <Stage
              timeline={timeline}
              peaks={peaks.data ?? null}
              transport={transport}
              lit={lit}
              theme={theme}
              words={words}
              onSelect={selectSpan}
              onSeek={go}
              onPrompt={onPrompt}
              onPress={onPress}
              onMark={onMark}
            />
          </section>
          <section className={`card ${css.card} ${css.answers}`} aria-label={words.answer}>
            <Answers
              answers={answers}
              selected={heard?.question ?? null}
              sounding={playing.on}
              words={words}
              onHear={hearAnswer}
            />
            <Integrity
              sound={sound}
              listened={listened}
              mayListen={may.listen}
              mayExport={may.export}
              deletedOn={times.day(sound.sinceAt)}
              words={words}
              onExport={() => setDialog('bundle')}
            />
          </section>
        </div>
        <aside className={`card ${css.card} ${css.right} ${drawer ? css.open : ''}`} aria-label={words.side}>
          <Side
            callId={call.id}
            tab={tab}
            comments={notes.filter((note) => note.text !== null).length}
            mayReview={may.review}
            words={words}
            onTab={show}
            onFocusQuestion={onFocusQuestion}
            panels={{
              comments: (
                <Comments
                  notes={notes}
                  mayWrite={may.comment}
                  asked={asked}
                  atMs={atMs}
                  time={time}
                  words={words}
                  onGo={go}
                  onWrite={async (ms, text) => {
                    await acts.write.mutateAsync({ atMs: ms, text });
                  }}
                  onStrike={async (id) => {
                    await acts.strike.mutateAsync(id).catch(() => undefined);
                  }}
                />
              ),
              evidence: <EvidenceTab call={call} words={words} time={second} onGo={go} />,
              listening: (
                <ListeningTab
                  callId={call.id}
                  words={words}
                  time={time}
                  autoplay={recall(AUTOPLAY) === 'on'}
                  onAutoplay={(on) => remember(AUTOPLAY, on ? 'on' : 'off')}
                />
              ),
            }}
          />
        </aside>
      </div>
      {dialog === 'bundle' && (
        <Bundle
          callId={call.id}
          words={words}
          onClose={() => setDialog(null)}
          onDone={() => setDialog(null)}
        />
      )}
      {dialog === 'flags' && (
        <Flags
          flags={call.flags.map((one) => one.flag)}
          words={words}
          onSave={(flags) => acts.flag.mutateAsync(flags)}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}
