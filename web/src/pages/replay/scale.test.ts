// The time model: views, pixels, ticks, clocks.
import { describe, expect, it } from 'vitest';
import {
  CLOSEST_MS,
  clock,
  following,
  length,
  minutes,
  moved,
  seconds,
  showing,
  tickLabel,
  ticks,
  toMs,
  toX,
  whole,
  zoomed,
} from './scale';

const ALL = whole(221_000, 11_000);

describe('the view', () => {
  it('shows the ringing before the first sample at negative times', () => {
    expect(ALL).toEqual({ fromMs: -11_000, toMs: 221_000 });
    expect(toX(ALL, 232, 0)).toBe(11);
  });

  it('gives the moment of a pixel back, at every zoom', () => {
    for (const factor of [1, 0.5, 0.1, 0.01]) {
      const view = zoomed(ALL, factor, 137_000, ALL);
      for (const ms of [view.fromMs, 137_000, view.toMs])
        expect(toMs(view, 826, toX(view, 826, ms))).toBeCloseTo(ms, 3);
    }
  });

  it('zooms to the pointer: the moment under it stays under it', () => {
    let view = ALL;
    const x = toX(view, 826, 137_000);
    for (const factor of [0.8, 0.5, 0.9, 0.3]) {
      view = zoomed(view, factor, toMs(view, 826, x), ALL);
      expect(toX(view, 826, 137_000)).toBeCloseTo(x, 6);
    }
  });

  it('is never closer than two seconds and never further than the whole', () => {
    expect(length(zoomed(ALL, 0.000_01, 100_000, ALL))).toBe(CLOSEST_MS);
    expect(zoomed(ALL, 50, 100_000, ALL)).toEqual(ALL);
    const short = whole(900, 0);
    expect(zoomed(short, 0.1, 400, short)).toEqual(short);
  });

  it('stops at the ends of the recording', () => {
    const view = { fromMs: 0, toMs: 20_000 };
    expect(moved(view, -60_000, ALL)).toEqual({ fromMs: -11_000, toMs: 9_000 });
    expect(moved(view, 999_000, ALL)).toEqual({ fromMs: 201_000, toMs: 221_000 });
  });

  it('moves only when what is selected is out of sight', () => {
    const view = { fromMs: 0, toMs: 20_000 };
    expect(showing(view, { fromMs: 14_500, toMs: 19_500 }, ALL)).toBe(view);
    const far = showing(view, { fromMs: 134_500, toMs: 139_500 }, ALL);
    expect(far).toEqual({ fromMs: 127_000, toMs: 147_000 });
  });

  it('turns the page with the playhead', () => {
    const view = { fromMs: 0, toMs: 20_000 };
    expect(following(view, 19_000, ALL)).toBe(view);
    expect(following(view, 20_040, ALL)).toEqual({ fromMs: 20_040, toMs: 40_040 });
  });
});

describe('ticks and clocks', () => {
  it('are as in the picture: every 20 seconds of a 221 second call', () => {
    const view = { fromMs: 0, toMs: 221_000 };
    expect(ticks(view, 826).slice(0, 3)).toEqual([0, 20_000, 40_000]);
    expect(ticks(view, 826)).toHaveLength(12);
  });

  it('have tenths when they are closer than a second', () => {
    const view = { fromMs: 137_000, toMs: 139_000 };
    expect(tickLabel(137_200, view, 826)).toBe('2:17.2');
    expect(tickLabel(60_000, { fromMs: 0, toMs: 221_000 }, 826)).toBe('1:00');
  });

  it('write moments and reactions', () => {
    expect(clock(137_900)).toBe('2:17.9');
    expect(clock(-5)).toBe('0:00.0');
    expect(minutes(134_500)).toBe('2:14');
    expect(seconds(2_400)).toBe('2.4');
    expect(seconds(-100)).toBe('−0.1');
    expect(seconds(-10)).toBe('−0.0');
  });
});
