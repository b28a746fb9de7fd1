// What the daemon says of a call, and how it becomes what the page draws.

import type { Answer, Head, Hint, Mark, Note, Press, Prompt, Sound, Source, Timeline } from './model';
import type { Words } from './words';

type Both = { readonly from_ms: number; readonly to_ms: number };

/** GET /api/calls/{id}, as far as it is read here. */
export interface FetchedCall {
  readonly id: number;
  readonly patient?: {
    readonly id: number;
    readonly name?: string | null;
    readonly sex?: string | null;
    readonly age?: string | null;
    readonly number?: string | null;
    readonly owner?: string | null;
  } | null;
  readonly encounter?: {
    readonly visit?: string | null;
    readonly department?: string | null;
    readonly doctor?: string | null;
    readonly discharged_at?: string | null;
    readonly days_after?: number | null;
  } | null;
  readonly campaign?: { readonly id: number; readonly name: string } | null;
  readonly ordinal: number;
  readonly trunk: string;
  readonly dialplan: { readonly hash: string; readonly file: string; readonly title?: string | null };
  readonly begun_at: string;
  readonly answered_at?: string | null;
  readonly ended_at?: string | null;
  readonly talk_ms?: number | null;
  readonly ending?: {
    readonly disposition: string;
    readonly disposition_zh: string;
    readonly ours: boolean;
  } | null;
  readonly why?: { readonly zh: string; readonly en: string; readonly rule: string } | null;
  readonly flags: readonly { readonly flag: string }[];
  readonly recording: {
    readonly audio: 'available' | 'deleted' | 'missing' | 'none';
    readonly audio_since?: string | null;
    readonly length_ms?: number | null;
    readonly gap_ms?: number | null;
    readonly sha256?: string | null;
    readonly difference_ms?: number | null;
    readonly hash: 'unchecked' | 'matches' | 'differs';
  };
  readonly timeline: {
    readonly ringing: { readonly ring_ms?: number | null; readonly early_media: boolean };
    readonly length_ms: number;
    readonly prompts: readonly (Both & {
      readonly question?: string | null;
      readonly title: string;
      readonly prompts: readonly { readonly name: string; readonly text?: string | null }[];
      readonly end: 'whole' | 'barged_in' | 'replaced' | 'call_over';
      readonly repeated: boolean;
    })[];
    readonly keys: readonly {
      readonly seq: number;
      readonly key: string;
      readonly at_ms: number;
      readonly source: 'rtp_event' | 'info' | 'in_band' | 'agent';
      readonly question?: string | null;
      readonly during?: string | null;
    }[];
    readonly answers: readonly {
      readonly question: string;
      readonly title: string;
      readonly screening: boolean;
      readonly kind: 'value' | 'refused' | 'silent' | 'invalid';
      readonly key: string;
      readonly value?: number | null;
      readonly label?: string | null;
      readonly points?: number | null;
      readonly low: boolean;
      readonly at_ms: number;
      readonly reaction_ms?: number | null;
      readonly source?: 'rtp_event' | 'info' | 'in_band' | 'agent' | null;
      readonly hearing?: number | null;
      readonly barged_in: boolean;
      /** The key came before its option was named. */
      readonly early?: boolean;
      readonly spoken?: Both | null;
    }[];
    readonly silences: readonly Both[];
    readonly spoken: readonly (Both & { readonly question: string; readonly title: string })[];
    /** Where the recording is silent because it was paused; the axis goes on. */
    readonly paused?: readonly Both[];
  };
}

/** Of the axis, ringing takes this share at most: a minute of it must not press the talk together. */
const LEAD_SHARE = 0.12;

/** What a question is called on the left: its place among the questions that count, or 身份 for who is there. */
export function numbers(
  answers: FetchedCall['timeline']['answers'],
  words: Words,
): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  let place = 0;
  for (const answer of answers) {
    if (named.has(answer.question)) continue;
    if (answer.screening) {
      named.set(answer.question, words.screening);
    } else {
      place += 1;
      named.set(answer.question, String(place));
    }
  }
  return named;
}

function hintsOf(answer: FetchedCall['timeline']['answers'][number]): readonly Hint[] {
  const hints: Hint[] = [];
  if (answer.low) hints.push('low');
  if (answer.kind !== 'value') hints.push(answer.kind);
  if (answer.barged_in) hints.push('barge_in');
  if ((answer.hearing ?? 1) > 1) hints.push('second_hearing');
  if (answer.early) hints.push('faster_than_prompt');
  return hints;
}

/** The rows of the table. */
export function answersOf(call: FetchedCall, words: Words): readonly Answer[] {
  const named = numbers(call.timeline.answers, words);
  return call.timeline.answers.map((answer) => {
    const spoken = answer.spoken ? { fromMs: answer.spoken.from_ms, toMs: answer.spoken.to_ms } : null;
    const source: Source | null = answer.source ?? (spoken === null ? null : 'recording');
    const kind = answer.kind === 'value' ? '' : words.hints[answer.kind];
    return {
      question: answer.question,
      number: named.get(answer.question) ?? '',
      title: answer.title,
      key: answer.key === '' ? null : answer.key,
      label:
        spoken === null
          ? (answer.label ?? (kind || String(answer.value ?? '—')))
          : words.spokenFor(spoken.toMs - spoken.fromMs),
      atMs: answer.kind === 'silent' && spoken === null ? null : answer.at_ms,
      reactionMs: answer.reaction_ms ?? null,
      source,
      hints: hintsOf(answer),
      spoken,
      corrected: null,
    };
  });
}

function labelsOf(title: string, number: string | undefined): readonly string[] {
  const letters = [...title];
  const short = letters
    .slice(0, letters.some((letter) => (letter.codePointAt(0) ?? 0) > 0x2e7f) ? 2 : 5)
    .join('');
  if (number === undefined) return [title, short];
  return [`${number} ${title}`, `${number} ${short}`, number];
}

/** A greeting or a goodbye by its usual name; else the first words that it says, or its file's name. */
function nameOf(title: string, text: string, words: Words): string {
  const bare = title.replace(/^[a-z]+-(?=[a-z])/, '');
  const known = words.promptNames[title] ?? words.promptNames[bare];
  if (known !== undefined) return known;
  return words.saysChinese && text !== '' ? [...text].slice(0, 4).join('') : bare;
}

function promptsOf(call: FetchedCall, words: Words): readonly Prompt[] {
  const named = numbers(call.timeline.answers, words);
  return call.timeline.prompts.map((prompt, place) => {
    const number = prompt.question ? named.get(prompt.question) : undefined;
    const text = prompt.prompts.map((one) => one.text ?? one.name).join(' ');
    const labels = labelsOf(number === undefined ? nameOf(prompt.title, text, words) : prompt.title, number);
    return {
      id: `${place}:${prompt.from_ms}`,
      question: prompt.question ?? null,
      labels: prompt.repeated
        ? [...(number === undefined ? [] : [`${number} ${words.replayed}`]), words.replayed]
        : labels,
      text,
      manner: prompt.repeated ? 'repeated' : prompt.end === 'barged_in' ? 'cut' : 'whole',
      fromMs: prompt.from_ms,
      toMs: Math.max(prompt.to_ms, prompt.from_ms + 1),
    };
  });
}

function pressesOf(call: FetchedCall): readonly Press[] {
  const { answers, keys } = call.timeline;
  return keys.map((key) => {
    const answer = answers.find(
      (one) => one.question === key.question && one.at_ms === key.at_ms && one.key.includes(key.key),
    );
    return {
      seq: key.seq,
      key: key.key,
      atMs: key.at_ms,
      question: key.question ?? null,
      sense: answer === undefined ? 'steering' : answer.low ? 'low' : 'answer',
    };
  });
}

/** Marks that last, each named by its length. */
function stretches(
  kind: 'silence' | 'spoken' | 'privacy',
  all: readonly { readonly from_ms: number; readonly to_ms: number }[],
  named: (ms: number) => string,
): readonly Mark[] {
  return all.map(({ from_ms, to_ms }) => ({
    id: `${kind}${from_ms}`,
    kind,
    words: named(to_ms - from_ms),
    fromMs: from_ms,
    toMs: to_ms,
  }));
}

function marksOf(call: FetchedCall, notes: readonly Note[], words: Words): readonly Mark[] {
  const { answers, silences, spoken } = call.timeline;
  const told = notes.filter((note) => note.text !== null);
  const at = [...new Set(told.map((note) => Math.round(note.atMs / 1_000)))];
  return [
    ...answers
      .filter((answer) => answer.barged_in)
      .map((answer) => ({
        id: `b${answer.question}`,
        kind: 'barge_in' as const,
        words: words.bargeIn,
        fromMs: answer.at_ms,
        toMs: answer.at_ms,
      })),
    ...stretches('silence', silences, words.silenceFor),
    ...stretches('spoken', spoken, words.spokenFor),
    ...stretches('privacy', call.timeline.paused ?? [], words.pausedFor),
    ...at.map((second) => {
      const here = told.filter((note) => Math.round(note.atMs / 1_000) === second);
      const fromMs = here[0]?.atMs ?? second * 1_000;
      return {
        id: `c${second}`,
        kind: 'comment' as const,
        words: words.comments(here.length),
        fromMs,
        toMs: fromMs,
      };
    }),
  ];
}

/** All that the axis carries. */
export function timelineOf(call: FetchedCall, notes: readonly Note[], words: Words): Timeline {
  const totalMs = Math.max(call.timeline.length_ms, 1);
  const rangMs = call.timeline.ringing.ring_ms ?? 0;
  const leadMs = call.answered_at ? Math.min(rangMs, Math.round(totalMs * LEAD_SHARE)) : 0;
  const ringing: readonly Prompt[] =
    leadMs > 0
      ? [
          {
            id: 'ringing',
            question: null,
            labels: words.ringing(rangMs),
            text: '',
            manner: 'early',
            fromMs: -leadMs,
            toMs: -1,
          },
        ]
      : [];
  return {
    totalMs,
    rangMs,
    leadMs,
    prompts: [...ringing, ...promptsOf(call, words)],
    presses: pressesOf(call),
    marks: marksOf(call, notes, words),
    holes: (call.timeline.paused ?? []).map((one) => ({
      kind: 'privacy' as const,
      fromMs: one.from_ms,
      toMs: one.to_ms,
    })),
  };
}

/** The header. */
export function headOf(call: FetchedCall, language: 'zh' | 'en', words: Words): Head {
  const { patient, encounter } = call;
  const sex = patient?.sex === 'female' || patient?.sex === 'male' ? patient.sex : null;
  return {
    id: call.id,
    name: patient?.name ?? words.nobody,
    sex,
    age: patient?.age ?? null,
    number: patient?.number ?? '',
    numberKind: patient?.owner === 'self' ? words.ownNumber : patient?.owner === 'kin' ? words.kinNumber : '',
    visitNo: encounter?.visit ?? '',
    department: encounter?.department ?? '',
    doctor: encounter?.doctor ?? '',
    dischargedAt: encounter?.discharged_at ?? null,
    dayAfter: encounter?.days_after ?? null,
    calledAt: call.answered_at ?? call.begun_at,
    ordinal: call.ordinal,
    talkMs: call.talk_ms ?? null,
    disposition: call.ending?.disposition ?? '',
    dispositionZh: call.ending?.disposition_zh ?? '',
    counted: !(call.ending?.ours ?? false),
    why: call.why?.[language] ?? words.underWay,
    lowAnswers: call.timeline.answers.filter((answer) => answer.low).length,
  };
}

/** The recording's state. */
export function soundOf(call: FetchedCall): Sound {
  const { recording } = call;
  return {
    state:
      recording.audio === 'available'
        ? 'kept'
        : recording.audio === 'missing'
          ? 'unavailable'
          : recording.audio,
    intact: recording.hash === 'unchecked' ? null : recording.hash === 'matches',
    gapMs: recording.gap_ms ?? 0,
    driftMs: recording.difference_ms ?? null,
    sha256: recording.sha256 ?? null,
    sinceAt: recording.audio_since ?? null,
  };
}
