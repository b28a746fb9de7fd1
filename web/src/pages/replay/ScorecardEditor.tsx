// The review being made: marks by click or digit, saved as they are given, signed for good.
import { Button } from 'antd';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/error';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import css from './Scorecard.module.css';
import { begin, type Card, type Review, release, save, sign, useChange } from './ScorecardData';
import { ScorecardItem } from './ScorecardItem';
import {
  choose,
  type Item,
  type Marks,
  markOf,
  nextOpen,
  received,
  remark,
  sent,
  total,
} from './ScorecardMarks';
import { words } from './ScorecardWords';

/** A draft is saved when nothing was marked for so long. */
const PAUSE_MS = 1_200;

interface Props {
  readonly callId: number;
  /** The own review, if there is one. */
  readonly review: Review | null;
  readonly card: Card;
  readonly tools: ReactNode;
  readonly after: ReactNode;
  readonly onFocusQuestion: (question: string) => void;
}

export function ScorecardEditor({ callId, review, card, tools, after, onFocusQuestion }: Props) {
  const t = useWords(words);
  const items = card.items as readonly Item[];
  const [marks, setMarks] = useState<Marks>(() => received(review?.marks ?? []));
  const [note, setNote] = useState(review?.note ?? '');
  const [at, setAt] = useState(0);
  const [state, setState] = useState<'clean' | 'dirty' | 'saving' | 'saved'>('clean');
  const [failure, setFailure] = useState<ApiError | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useRef(review?.id ?? null);
  const latest = useRef({ marks, note, dirty: false });
  latest.current = { marks, note, dirty: state === 'dirty' };
  // One request after the other: a review is begun once, and the last draft is the one that stays.
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  const inTurn = useCallback(<T,>(work: () => Promise<T>): Promise<T> => {
    const done = queue.current.then(work, work);
    queue.current = done.catch(() => undefined);
    return done;
  }, []);
  const known = useCallback(async (): Promise<number> => {
    id.current ??= (await begin(callId, card.id)).id;
    return id.current;
  }, [callId, card.id]);
  const judged = useCallback(
    () => ({ marks: sent(items, latest.current.marks), note: latest.current.note.trim() || null }),
    [items],
  );
  const keep = useCallback(async () => {
    setState('saving');
    try {
      await inTurn(async () => save(await known(), judged()));
      setFailure(null);
      setState((now) => (now === 'saving' ? 'saved' : now));
    } catch (error) {
      setFailure(ApiError.of(error));
      setState('dirty');
    }
  }, [inTurn, known, judged]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: every mark begins the pause anew
  useEffect(() => {
    if (state !== 'dirty' || failure !== null) return;
    const timer = setTimeout(() => void keep(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [state, marks, note, keep, failure]);
  // Whoever goes to the next call takes nothing along.
  useEffect(
    () => () => {
      if (latest.current.dirty) void inTurn(async () => save(await known(), judged())).catch(() => undefined);
    },
    [inTurn, known, judged],
  );

  const signing = useChange(callId, () => inTurn(async () => sign(await known(), judged())));
  const giving = useChange(callId, () => inTurn(async () => release(await known())));
  const sum = total(items, marks);

  const focus = (next: number): void => {
    const item = items[next];
    if (item === undefined) return;
    setAt(next);
    list.current?.querySelector(`[data-item="${item.id}"]`)?.scrollIntoView({ block: 'nearest' });
    if (item.question != null) onFocusQuestion(item.question);
  };
  const mark = (place: number, option: number): void => {
    const item = items[place];
    if (item === undefined || item.options[option] === undefined) return;
    const next = choose(marks, item, option);
    setMarks(next);
    setFailure(null);
    setState('dirty');
  };
  const digit = (option: number): void => {
    mark(at, option);
    const item = items[at];
    if (item?.options[option] === undefined) return;
    const next = nextOpen(items, choose(marks, item, option), at);
    if (next !== at) focus(next);
  };
  const maySign = sum.left === 0 && !signing.isPending;
  const lock = (): void => {
    if (!maySign) return;
    setState('clean');
    signing.mutate(undefined, { onError: (error) => setFailure(ApiError.of(error)) });
  };
  useShortcuts([
    ...[0, 1, 2, 3, 4].map((option) => ({
      keys: String(option + 1),
      does: words.keyMark,
      run: () => digit(option),
    })),
    { keys: 'Ctrl+Enter', does: words.keySign, run: lock },
  ]);
  const arrows = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || event.target instanceof HTMLTextAreaElement) return;
    // The answers have the same arrows: here they go along the items.
    event.preventDefault();
    const next = Math.min(items.length - 1, Math.max(0, at + by));
    focus(next);
    list.current
      ?.querySelector<HTMLElement>(`[data-item="${items[next]?.id}"] button[aria-pressed]`)
      ?.focus({ preventScroll: true });
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows of the items inside bubble here */}
      <div className={css.items} ref={list} onKeyDown={arrows}>
        {items.map((item, place) => (
          <ScorecardItem
            key={item.id}
            item={item}
            number={place + 1}
            mark={markOf(marks, item.id)}
            focused={place === at}
            locked={signing.isPending}
            onFocus={() => focus(place)}
            onChoose={(option) => mark(place, option)}
            onNote={(text) => {
              setMarks(remark(marks, item.id, text));
              setFailure(null);
              setState('dirty');
            }}
          />
        ))}
        <textarea
          className={css.noteField}
          aria-label={t('whole')}
          placeholder={t('whole')}
          rows={2}
          maxLength={2000}
          value={note}
          onChange={(event) => {
            setNote(event.target.value);
            setFailure(null);
            setState('dirty');
          }}
        />
        <div className={css.tools}>
          {tools}
          {review !== null && review.kind !== 'own' && (
            <button
              type="button"
              className="plain"
              title={t('releaseHint')}
              onClick={() => {
                setState('clean');
                giving.mutate(undefined, { onError: (error) => setFailure(ApiError.of(error)) });
              }}
            >
              {t('release')}
            </button>
          )}
        </div>
        {after}
      </div>
      <div className={css.foot}>
        {failure !== null && (
          <p className={css.detail} role="alert">
            {t('failedToSave')}：{failure.detail}
          </p>
        )}
        <div className={css.sum}>
          <b className={sum.fatal ? css.zero : undefined}>{sum.score}</b>
          <span>
            {t('reached', { of: sum.of })}
            <br />
            {sum.fatal ? t('failed') : sum.left > 0 ? t('left', { n: sum.left }) : t('complete')}
          </span>
        </div>
        <Button
          disabled={state === 'clean' || state === 'saving' || state === 'saved'}
          onClick={() => void keep()}
        >
          {state === 'saving' ? t('saving') : state === 'saved' ? t('saved') : t('save')}
        </Button>
        <Button type="primary" disabled={!maySign} title={t('signHint')} onClick={lock}>
          {t('sign')}
        </Button>
      </div>
    </>
  );
}
