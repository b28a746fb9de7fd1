// What the replay shows of one call. All times are milliseconds from the first sample of the recording.

/** A stretch of the recording; `fromMs` is part of it, `toMs` is not. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a prompt came to be played and how it ended. */
type PromptManner = 'whole' | 'cut' | 'repeated' | 'early';

/** Something that the hospital's side played. */
export interface Prompt extends Span {
  readonly id: string;
  /** The question that it asks; null for greetings, goodbyes and ringing. */
  readonly question: string | null;
  /** Words for the block, longest first; the first that fits is drawn. */
  readonly labels: readonly string[];
  readonly manner: PromptManner;
  /** What it says. */
  readonly text: string;
}

/** A key of the patient. */
export interface Press {
  readonly seq: number;
  readonly key: string;
  readonly atMs: number;
  readonly question: string | null;
  /** An answer, a low answer, or a key that steers the conversation. */
  readonly sense: 'answer' | 'low' | 'steering';
}

/** How an answer reached us. */
export type Source = 'rtp_event' | 'in_band' | 'info' | 'agent' | 'recording';

/** What an answer makes a listener look twice at. */
export type Hint =
  | 'low'
  | 'barge_in'
  | 'second_hearing'
  | 'faster_than_prompt'
  | 'all_equal'
  | 'refused'
  | 'silent'
  | 'invalid';

/** One row of the table of answers. */
export interface Answer {
  readonly question: string;
  /** As the questionnaire numbers it, "5a". */
  readonly number: string;
  readonly title: string;
  /** Null when the patient spoke or said nothing. */
  readonly key: string | null;
  readonly label: string;
  /** When the key was pressed, or the spoken answer began; null when it was never given. */
  readonly atMs: number | null;
  /** From the end of the prompt to the key; negative: into the prompt. */
  readonly reactionMs: number | null;
  readonly source: Source | null;
  readonly hints: readonly Hint[];
  /** The patient's own words, when they were recorded. */
  readonly spoken: Span | null;
  /** The answer before it was put right, with who did it and why. */
  readonly corrected: {
    readonly key: string | null;
    readonly label: string;
    readonly by: string;
    readonly why: string;
  } | null;
}

/** What stands in the lane of marks. */
type MarkKind = 'barge_in' | 'silence' | 'comment' | 'spoken' | 'flag' | 'gap' | 'hold' | 'privacy';

/** A mark under the keys. */
export interface Mark extends Span {
  readonly id: string;
  readonly kind: MarkKind;
  readonly words: string;
}

/** Everything that the time axis carries. */
export interface Timeline {
  readonly totalMs: number;
  /** How long it rang before the first sample. */
  readonly rangMs: number;
  /** How much of the ringing is drawn, before the recording and at negative times. */
  readonly leadMs: number;
  readonly prompts: readonly Prompt[];
  readonly presses: readonly Press[];
  readonly marks: readonly Mark[];
  /** Stretches without sound that keep their length: held, paused for privacy, lost. */
  readonly holes: readonly (Span & { readonly kind: 'gap' | 'hold' | 'privacy' })[];
}

/** Whom and what the call was about; masked by the API. */
export interface Head {
  readonly id: number;
  readonly name: string;
  readonly sex: 'female' | 'male' | null;
  readonly age: string | null;
  readonly number: string;
  /** Whose number it is: 本人手机. */
  readonly numberKind: string;
  readonly visitNo: string;
  readonly department: string;
  readonly doctor: string;
  readonly dischargedAt: string | null;
  readonly dayAfter: number | null;
  readonly calledAt: string;
  readonly ordinal: number;
  readonly talkMs: number | null;
  readonly disposition: string;
  /** The users' word for it, as the daemon has it. */
  readonly dispositionZh: string;
  readonly counted: boolean;
  /** The sentence that explains the disposition. */
  readonly why: string;
  readonly lowAnswers: number;
}

/** What is known of the recording's file. */
export interface Sound {
  readonly state: 'kept' | 'deleted' | 'none' | 'unavailable';
  /** Whether the file still is what was stored; null when it has not been checked since. */
  readonly intact: boolean | null;
  readonly gapMs: number;
  /** The recording's length less the signalling's. */
  readonly driftMs: number | null;
  readonly sha256: string | null;
  /** When it was deleted, or since when it is missing. */
  readonly sinceAt: string | null;
}

/** A comment pinned to a moment. */
export interface Note {
  readonly id: number;
  readonly name: string;
  readonly atMs: number;
  /** Null once it was taken back. */
  readonly text: string | null;
  readonly madeAt: string;
  /** Whoever is signed in wrote it, and may still take it back. */
  readonly mine: boolean;
}

/** Somebody heard a stretch. */
export interface Hearing extends Span {
  readonly id: string;
  readonly name: string;
  readonly firstAt: string;
  readonly reason: string | null;
}

/** One step of what happened, in order. */
export interface Step {
  readonly id: string;
  /** Null: not in the recording's time. */
  readonly atMs: number | null;
  readonly at: string | null;
  readonly words: string;
  readonly raw: string | null;
}

/** The evidence of a call. */
export interface Proof {
  readonly steps: readonly Step[];
  readonly rule: string;
  readonly ruleWords: string;
  /** What was counted of the sound. */
  readonly media: string;
  readonly hashes: readonly { readonly name: string; readonly value: string }[];
  /** As it is stored. */
  readonly raw: string;
}
