// The board as the page keeps it: what events do to it, when it is stale, and what its verdict says.
import type { components } from '../../api/schema';
import type { Say } from '../../i18n';
import type { Times } from '../../time';
import type { words } from './words';

export type Board = components['schemas']['Tonight'];
export type Cell = components['schemas']['Cell'];
export type CellState = components['schemas']['CellState'];
export type AttentionItem = components['schemas']['Attention'];

/** After so long without a word the data counts as old. */
const SILENCE_MS = 3_000;

export interface Kept {
  board: Board | null;
  /** When something was last heard, by this browser's clock. */
  heardAt: number;
}

type Heard =
  | { event: 'board'; board: Board; now: number }
  | { event: 'change'; change: Partial<Board> & { at: string }; now: number }
  | { event: 'beat'; at: string; now: number };

/** A change without the board that it changes is dropped: the next connection brings the whole. */
export function heard(kept: Kept, what: Heard): Kept {
  if (what.event === 'board') return { board: what.board, heardAt: what.now };
  if (kept.board === null) return { ...kept, heardAt: what.now };
  if (what.event === 'change') return { board: { ...kept.board, ...what.change }, heardAt: what.now };
  if (what.at === kept.board.at) return { ...kept, heardAt: what.now };
  return { board: { ...kept.board, at: what.at }, heardAt: what.now };
}

/** Reads an event's data; null for what is no event of ours. */
export function read(event: string, data: string, now: number): Heard | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('at' in value) || typeof value.at !== 'string') {
    return null;
  }
  if (event === 'board') return { event, board: value as Board, now };
  if (event === 'change') return { event, change: value as Partial<Board> & { at: string }, now };
  return event === 'beat' ? { event, at: value.at, now } : null;
}

/** Stale: nothing was heard for a while, or what is heard is of the same old time. */
export function isStale(kept: Kept, now: number, shownSince: number): boolean {
  if (kept.board === null) return false;
  return now - kept.heardAt >= SILENCE_MS || now - shownSince >= SILENCE_MS * 2;
}

interface VerdictWords {
  tone: 'calm' | 'warn' | 'bad';
  head: string;
  hints: string[];
}

const minutes = (ms: number) => Math.round(ms / 60_000);

/** The answer to the page's question, in words. */
export function verdictWords(board: Board, t: Say<typeof words>, times: Times): VerdictWords {
  const { forecast, night } = board;
  const closes = night.has_windows && night.closes_at ? Date.parse(night.closes_at) : null;
  const median = forecast.median_at ? Date.parse(forecast.median_at) : null;
  const hints: string[] = [];
  const more =
    forecast.more_lines && forecast.with_more_at
      ? t('moreLines', { n: forecast.more_lines, at: times.hour(forecast.with_more_at) })
      : null;
  if (night.phase === 'empty') return { tone: 'calm', head: t('noneDue'), hints };
  if (night.phase === 'after') {
    const missed = Math.max(0, board.sums.due - board.sums.done);
    return missed === 0
      ? { tone: 'calm', head: t('allDone'), hints }
      : { tone: 'warn', head: t('overMissed', { n: missed }), hints: [t('after')] };
  }
  switch (forecast.verdict) {
    case 'will_finish':
    case 'tight': {
      if (closes !== null && median !== null) {
        const time = times.length(minutes(Math.abs(closes - median)) * 60_000);
        hints.push(median <= closes ? t('earlier', { time }) : t('later', { time }));
      }
      if (forecast.verdict === 'tight' && more !== null) hints.push(more);
      else if (forecast.earliest_at && forecast.latest_at) {
        const spread = (Date.parse(forecast.latest_at) - Date.parse(forecast.earliest_at)) / 2;
        hints.push(t('spread', { n: Math.ceil(spread / 60_000) }));
      }
      const at = times.hour(forecast.median_at);
      return forecast.verdict === 'tight'
        ? { tone: 'warn', head: t('tight', { at }), hints }
        : { tone: 'calm', head: t('willFinish', { at }), hints };
    }
    case 'will_not_finish':
      if (more !== null) hints.push(more);
      hints.push(t('computed', { at: times.hour(forecast.computed_at) }));
      return { tone: 'bad', head: t('willNotFinish', { n: forecast.unreached }), hints };
    case 'done':
      if (forecast.computed_at) hints.push(t('computed', { at: times.hour(forecast.computed_at) }));
      return { tone: 'calm', head: t('allDone'), hints };
    case 'unknown':
      return forecast.fault
        ? { tone: 'warn', head: t('noForecast'), hints: [forecast.fault] }
        : { tone: 'calm', head: t('unknown'), hints };
  }
}

/** A round step that cuts a scale up to `top` into four or fewer. */
export function step(top: number): number {
  const rough = Math.max(1, top / 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 4, 5, 10].find((factor) => factor * power >= rough) ?? 10;
  return round * power;
}
