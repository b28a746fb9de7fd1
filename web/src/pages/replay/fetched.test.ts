// What the daemon says of a call, as the page draws it.
import { describe, expect, it } from 'vitest';
import { loudest } from './data';
import { answersOf, type FetchedCall, soundOf, timelineOf } from './fetched';
import { placeOf } from './queue';
import { after, levelled } from './Wave';
import { zh } from './words';

const CALL: FetchedCall = {
  id: 7,
  ordinal: 1,
  trunk: 'main',
  dialplan: { hash: 'ab', file: 'plan.toml' },
  begun_at: '2026-11-20T11:04:01.000Z',
  answered_at: '2026-11-20T11:04:12.000Z',
  talk_ms: 60_000,
  flags: [],
  recording: { audio: 'available', hash: 'unchecked', length_ms: 60_000, gap_ms: 0, difference_ms: 20 },
  timeline: {
    ringing: { ring_ms: 11_000, early_media: false },
    length_ms: 60_000,
    prompts: [
      { from_ms: 0, to_ms: 6_000, title: 'greeting', prompts: [], end: 'whole', repeated: false },
      {
        from_ms: 7_000,
        to_ms: 12_000,
        question: 'identity',
        title: '接听人',
        prompts: [],
        end: 'whole',
        repeated: false,
      },
      {
        from_ms: 15_000,
        to_ms: 18_000,
        question: 'nurses',
        title: '护士态度',
        prompts: [],
        end: 'whole',
        repeated: false,
      },
      {
        from_ms: 26_500,
        to_ms: 28_000,
        question: 'nurses',
        title: '护士态度',
        prompts: [],
        end: 'barged_in',
        repeated: true,
      },
    ],
    keys: [
      { seq: 1, key: '1', at_ms: 13_500, source: 'rtp_event', question: 'identity' },
      { seq: 2, key: '*', at_ms: 25_000, source: 'rtp_event', question: 'nurses' },
      { seq: 3, key: '4', at_ms: 28_000, source: 'rtp_event', question: 'nurses', during: 'nurses' },
    ],
    answers: [
      {
        question: 'identity',
        title: '接听人',
        screening: true,
        kind: 'value',
        key: '1',
        label: '患者本人',
        low: false,
        at_ms: 13_500,
        reaction_ms: 1_500,
        source: 'rtp_event',
        hearing: 1,
        barged_in: false,
      },
      {
        question: 'nurses',
        title: '护士态度',
        screening: false,
        kind: 'value',
        key: '4',
        label: '不满意',
        points: 0,
        low: true,
        at_ms: 28_000,
        reaction_ms: -1,
        source: 'rtp_event',
        hearing: 2,
        barged_in: true,
      },
      {
        question: 'wish',
        title: '意见',
        screening: false,
        kind: 'silent',
        key: '',
        low: false,
        at_ms: 50_000,
        barged_in: false,
      },
    ],
    silences: [{ from_ms: 18_000, to_ms: 26_500 }],
    spoken: [],
  },
};

describe('a call', () => {
  it('numbers the questions that count and names the one that asks who is there', () => {
    expect(answersOf(CALL, zh).map((answer) => answer.number)).toEqual(['身份', '1', '2']);
  });

  it('says what to look at twice, the low score first', () => {
    const [, nurses, wish] = answersOf(CALL, zh);
    expect(nurses?.hints).toEqual(['low', 'barge_in', 'second_hearing']);
    expect(wish?.hints).toEqual(['silent']);
    expect(wish?.atMs).toBeNull();
  });

  it('tells answers from keys that steer', () => {
    expect(timelineOf(CALL, [], zh).presses.map((press) => press.sense)).toEqual([
      'answer',
      'steering',
      'low',
    ]);
  });

  it('draws a paused stretch grey with its mark, and what comes after keeps its time', () => {
    const paused = { ...CALL.timeline, paused: [{ from_ms: 20_000, to_ms: 24_000 }] };
    const { holes, marks, totalMs, presses } = timelineOf({ ...CALL, timeline: paused }, [], zh);
    expect(holes).toEqual([{ kind: 'privacy', fromMs: 20_000, toMs: 24_000 }]);
    expect(marks.find((mark) => mark.kind === 'privacy')).toMatchObject({
      words: '暂停录音 4.0 秒',
      fromMs: 20_000,
      toMs: 24_000,
    });
    expect(totalMs).toBe(60_000);
    expect(presses.at(-1)?.atMs).toBe(28_000);
  });

  it('draws ringing before the first sample, and of long ringing a part', () => {
    const { prompts, leadMs, rangMs } = timelineOf(CALL, [], zh);
    expect(rangMs).toBe(11_000);
    expect(leadMs).toBe(7_200);
    expect(prompts[0]).toMatchObject({ manner: 'early', fromMs: -7_200, labels: ['回铃 11 秒', '回铃'] });
  });

  it('shows a prompt that was played again as repeated', () => {
    expect(timelineOf(CALL, [], zh).prompts.map((prompt) => prompt.manner)).toEqual([
      'early',
      'whole',
      'whole',
      'whole',
      'repeated',
    ]);
  });

  it('gathers the comments of one second into one mark', () => {
    const note = (id: number, atMs: number, text: string | null) => ({
      id,
      name: '周敏',
      atMs,
      text,
      madeAt: '',
      mine: true,
    });
    const { marks } = timelineOf(
      CALL,
      [note(1, 27_900, 'a'), note(2, 28_100, 'b'), note(3, 28_000, null)],
      zh,
    );
    expect(marks.filter((mark) => mark.kind === 'comment').map((mark) => mark.words)).toEqual(['批注 2']);
  });

  it('knows whether its recording is the one that was stored', () => {
    const of = (hash: 'matches' | 'differs' | 'unchecked') =>
      soundOf({ ...CALL, recording: { ...CALL.recording, hash } }).intact;
    expect([of('matches'), of('differs'), of('unchecked')]).toEqual([true, false, null]);
  });
});

describe('the wave', () => {
  it('takes the loudest of lowest and highest', () => {
    expect(loudest([-128, 64, -1, 32])).toEqual([1, 0.25]);
  });

  it('begins with silence as long as the ringing', () => {
    expect(after(10_000, 20_000, [1, 1])).toEqual([0, 1, 1]);
  });

  it('does not blow silence up to speech', () => {
    expect(levelled([0.01, 0.02]).every((peak) => peak < 0.2)).toBe(true);
    expect(Math.max(...levelled([0.2, 0.4]))).toBeCloseTo(0.86, 6);
  });
});

describe('the queue', () => {
  it('knows the neighbours of a call', () => {
    expect(placeOf(7, [3, 7, 9], 40, true)).toEqual({
      place: 2,
      total: 40,
      exact: true,
      previous: 3,
      next: 9,
    });
    expect(placeOf(8, [3, 7, 9], 40, true)).toMatchObject({ place: null, previous: null, next: null });
  });
});
