// A busy night as a board: sixty lines in every state, three trunks, five campaigns; `step` says how far it is.
import type { components } from '../src/api/schema';
import type { Answering } from './front';

type Board = components['schemas']['Tonight'];
type CellState = components['schemas']['CellState'];

const MINUTE = 60_000;
/** 2026-11-20 18:30 in the hospital's zone. */
const OPENS = Date.parse('2026-11-20T10:30:00Z');
const time = (minutes: number) => new Date(OPENS + minutes * MINUTE).toISOString();

const STATES: readonly [CellState, number][] = [
  ['talking', 24],
  ['waiting_key', 9],
  ['ringing', 12],
  ['early_media', 5],
  ['dialing', 4],
  ['on_hold', 2],
  ['ending', 1],
  ['failed', 1],
  ['idle', 2],
];
const TRUNKS = [
  ['电信 A', 32],
  ['联通 B', 20],
  ['移动 C', 8],
] as const;
const CAMPAIGNS = ['出院 7 日回访', '术后 3 日关怀', '慢病月度随访', '投诉后回访', '门诊满意度'];

const HELD: Board['attention'][number] = {
  id: 'held',
  kind: 'held',
  level: 'harm',
  at: time(72),
  title_zh: '新呼叫已停',
  title_en: 'New calls are held',
  text_zh: '数据库变慢。',
  text_en: 'The database is slow.',
  attempt: null,
  question: null,
  campaign: null,
};

export function board(step = 0): Board {
  const states = STATES.flatMap(([state, many]) => Array.from({ length: many }, () => state));
  let at = 0;
  const lines = TRUNKS.flatMap(([, many], trunk) =>
    Array.from({ length: many }, (_, line) => {
      const state = states[(at++ * 7 + step * 11) % states.length] ?? 'idle';
      const hasCall = state !== 'idle' && state !== 'failed';
      const call = {
        attempt: 1_000 + at,
        since_at: time(71),
        campaign: CAMPAIGNS[0] ?? '',
        patient: '刘*珍',
        department: '心血管内科',
        question: '对护士的服务是否满意',
        keys: '114',
      };
      return { trunk, line: line + 1, state, ...(hasCall ? { call } : {}) };
    }),
  );
  const done = 871 + step;
  return {
    at: new Date(OPENS + 72 * MINUTE + 8_000 + step * 1_000).toISOString(),
    night: {
      date: '2026-11-20',
      phase: 'running',
      has_windows: true,
      opens_at: time(0),
      closes_at: time(120),
      next_at: time(1_440),
    },
    sums: {
      due: 1_284,
      done,
      closed: done - 60,
      moved: 60,
      completed: 612 + step,
      attempts: 1_166 + step,
      answered: 681 + step,
      own_faults: 4,
      talking: 35,
      busy: 58,
      lines: 60,
      begun_last_minute: 126,
    },
    lines,
    trunks: TRUNKS.map(([name, many], trunk) => ({
      name,
      busy: many - (trunk === 1 ? 1 : 0),
      lines: many,
      attempts: 400 - trunk * 120,
      answered: 252 - trunk * 90,
      delay_ms: 2_800 + trunk * 1_050,
      trend: [62, 60, 64, 61, 63, 60, 58, 62, 64, 60, 62, 63].map((percent) => percent - trunk * 11),
      state: trunk === 2 ? ('resting' as const) : ('up' as const),
      until_at: trunk === 2 ? time(75) : null,
    })),
    campaigns: CAMPAIGNS.map((name, place) => ({
      id: place + 1,
      name,
      is_paused: place === 3,
      due: 612 - place * 120,
      done: 441 - place * 90 + step,
      attempts: 500 - place * 100,
      answered: 316 - place * 70,
      ends_at: time(101 + (place === 2 ? 13 : place)),
      unreached: 0,
    })),
    results: {
      done,
      dispositions: [
        { disposition: 'completed', cases: 612 + step },
        { disposition: 'no_answer', cases: 101 },
        { disposition: 'partial', cases: 48 },
        { disposition: 'busy', cases: 31 + step },
        { disposition: 'power_off', cases: 28 },
        { disposition: 'assistant', cases: 22 },
        { disposition: 'vacant', cases: 20 },
        { disposition: 'refused', cases: 9 },
      ].sort((a, b) => b.cases - a.cases),
    },
    curve: {
      from_at: time(0),
      step_ms: 120_000,
      done: Array.from({ length: 36 }, (_, at) => Math.round((at < 20 ? at * 28 : 560 + (at - 20) * 19) + 6)),
    },
    forecast: {
      verdict: 'will_finish',
      computed_at: time(72),
      earliest_at: time(101),
      median_at: time(107),
      latest_at: time(113),
      unreached: 0,
      more_lines: null,
      with_more_at: null,
      fault: null,
    },
    attention: [
      ...(step >= 20 ? [HELD] : []),
      {
        id: 'low:1',
        kind: 'low_score',
        level: 'harm',
        at: time(68),
        title_zh: '低分预警：护理服务 0 分',
        title_en: 'Low score: nursing 0 points',
        text_zh: '刘*珍 心血管内科。',
        text_en: 'Liu*zhen, cardiology.',
        attempt: 2,
        question: 'nurses',
        campaign: null,
      },
      {
        id: 'trunk:2',
        kind: 'trunk',
        level: 'attention',
        at: time(47),
        title_zh: '移动 C 回复 503，已退避',
        title_en: 'Mobile C answers 503 and rests',
        text_zh: '对端要求 120 秒后重试，不计次数。',
        text_en: 'It asks to be tried again in 120 s; nothing is counted.',
        attempt: null,
        question: null,
        campaign: null,
      },
      {
        id: 'deadlines',
        kind: 'deadlines',
        level: 'attention',
        at: time(120),
        title_zh: '7 个个案今晚到期',
        title_en: '7 cases reach their deadline tonight',
        text_zh: '其中 3 个仅剩 1 次尝试，已排在 20:00 前。',
        text_en: '3 of them have one attempt left and are dialled before 20:00.',
        attempt: null,
        question: null,
        campaign: null,
      },
    ],
    preflight: [],
  };
}

/** The board's events: one now, and one a second that each changes everything there is to change. */
export const running: Answering = (_, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let step = 0;
  const tell = () => answer.write(`event: board\nid: ${step}\ndata: ${JSON.stringify(board(step))}\n\n`);
  tell();
  const timer = setInterval(() => {
    step += 1;
    tell();
  }, 1_000);
  answer.on('close', () => clearInterval(timer));
};

/** One board that stands still; its beats keep the page awake. */
export const still: Answering = (_, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let beats = 0;
  answer.write(`event: board\nid: 0\ndata: ${JSON.stringify(board())}\n\n`);
  const timer = setInterval(() => {
    beats += 1;
    const at = new Date(Date.parse(board().at) + beats * 1_000).toISOString();
    answer.write(`event: beat\nid: ${beats}\ndata: ${JSON.stringify({ at })}\n\n`);
  }, 1_000);
  answer.on('close', () => clearInterval(timer));
};
