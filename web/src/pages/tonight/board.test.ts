import { describe, expect, it } from 'vitest';
import { type Say, say, type Word } from '../../i18n';
import { Times } from '../../time';
import { type Board, heard, isStale, type Kept, read, step, verdictWords } from './board';
import { points } from './ForecastChart';
import { words } from './words';

const board: Board = {
  at: '2026-11-20T11:42:08.000Z',
  night: {
    date: '2026-11-20',
    phase: 'running',
    has_windows: true,
    opens_at: '2026-11-20T10:30:00.000Z',
    closes_at: '2026-11-20T12:30:00.000Z',
    next_at: null,
  },
  sums: {
    due: 1284,
    done: 871,
    closed: 760,
    moved: 111,
    completed: 612,
    attempts: 1166,
    answered: 681,
    own_faults: 4,
    talking: 38,
    busy: 59,
    lines: 60,
    begun_last_minute: 126,
  },
  lines: [],
  trunks: [],
  campaigns: [],
  results: { done: 871, dispositions: [] },
  curve: { from_at: '2026-11-20T11:36:00.000Z', step_ms: 120_000, done: [400, 800] },
  forecast: {
    verdict: 'will_finish',
    computed_at: '2026-11-20T11:42:00.000Z',
    earliest_at: '2026-11-20T12:11:00.000Z',
    median_at: '2026-11-20T12:17:00.000Z',
    latest_at: '2026-11-20T12:23:00.000Z',
    unreached: 0,
    more_lines: null,
    with_more_at: null,
    fault: null,
  },
  attention: [],
  preflight: [],
};

const zh = ((key: keyof typeof words, values?: Record<string, string | number>) =>
  say(words[key] as Word, 'zh', values)) as Say<typeof words>;
const times = new Times('Asia/Shanghai', 'zh', () => Date.parse(board.at));

describe('what is heard', () => {
  const whole = heard({ board: null, heardAt: 0 }, { event: 'board', board, now: 1_000 });

  it('changes only the parts that it names', () => {
    const sums = { ...board.sums, done: 900 };
    const later = heard(whole, { event: 'change', change: { at: 't2', sums }, now: 2_000 });
    expect(later.board?.sums.done).toBe(900);
    expect(later.board?.at).toBe('t2');
    expect(later.board?.forecast).toBe(board.forecast);
  });

  it('keeps the same board when nothing but the time came', () => {
    const same = heard(whole, { event: 'beat', at: board.at, now: 2_000 });
    expect(same.board).toBe(whole.board);
    expect(same.heardAt).toBe(2_000);
  });

  it('makes no board of a change alone', () => {
    const none: Kept = { board: null, heardAt: 0 };
    expect(heard(none, { event: 'change', change: { at: 't' }, now: 5 }).board).toBeNull();
  });

  it('is nothing when it is no event of ours', () => {
    expect(read('board', '{', 1)).toBeNull();
    expect(read('board', '{"a":1}', 1)).toBeNull();
    expect(read('over', '{"at":"t"}', 1)).toBeNull();
    expect(read('beat', '{"at":"t"}', 1)).toEqual({ event: 'beat', at: 't', now: 1 });
  });
});

describe('the data', () => {
  const kept: Kept = { board, heardAt: 10_000 };
  it('is stale three seconds after the last word', () => {
    expect(isStale(kept, 12_999, 10_000)).toBe(false);
    expect(isStale(kept, 13_000, 10_000)).toBe(true);
  });
  it('is stale when words come, but always of the same time', () => {
    expect(isStale({ board, heardAt: 20_000 }, 20_500, 10_000)).toBe(true);
  });
});

describe('the verdict', () => {
  const of = (forecast: Partial<Board['forecast']>) =>
    verdictWords({ ...board, forecast: { ...board.forecast, ...forecast } }, zh, times);

  it('says when the night is done and how sure that is', () => {
    const words = of({});
    expect(words.head).toBe('打得完，预计 20:17');
    expect(words.hints).toEqual(['比窗口结束早 13 分', '误差 ±6 分']);
  });
  it('says how many lines more would help when it is tight', () => {
    const words = of({
      verdict: 'tight',
      median_at: '2026-11-20T12:24:00.000Z',
      more_lines: 4,
      with_more_at: '2026-11-20T12:12:00.000Z',
    });
    expect(words).toEqual({
      tone: 'warn',
      head: '有点紧，预计 20:24',
      hints: ['比窗口结束早 6 分', '多开 4 路可在 20:12 打完'],
    });
  });
  it('says how many are not reached', () => {
    const words = of({
      verdict: 'will_not_finish',
      unreached: 88,
      more_lines: 8,
      with_more_at: '2026-11-20T12:26:00.000Z',
    });
    expect(words.head).toBe('打不完，差 88 人');
    expect(words.hints[0]).toBe('多开 8 路可在 20:26 打完');
    expect(words.tone).toBe('bad');
  });
  it('says that there is none, and why', () => {
    expect(of({ verdict: 'unknown', fault: 'why' })).toEqual({
      tone: 'warn',
      head: '没有试算',
      hints: ['why'],
    });
  });
});

describe('the chart', () => {
  it('goes through the steps to the present', () => {
    const now = Date.parse(board.at);
    expect(points(board, now).map((point) => point.done)).toEqual([0, 400, 800, 871]);
  });
  it('cuts its scale at round numbers', () => {
    expect([1, 3, 12, 871, 1284].map(step)).toEqual([1, 1, 4, 400, 400]);
  });
});
