// Each leg tells its own truth, and nothing says that they talk before both are up.
import { describe, expect, it } from 'vitest';
import type { Ending, Leg, Talk } from './api';
import { areBridged, legShown, presenceShown } from './legs';
import { samplePage, sampleTalk } from './sample';
import { words } from './words';

const leg = (state: Leg['state'], ending: Ending | null = null): Leg => ({ state, since_at: null, ending });
const ending = (end: string, zh: string, status: number | null = null): Ending => ({
  end,
  words: { zh, en: zh },
  status,
  q850: null,
  talk_ms: null,
});
const talk = (more: Partial<Talk>): Talk => ({ ...sampleTalk, ...more });

describe('a leg', () => {
  it('says its own failure in the daemon’s sentence', () => {
    const shown = legShown(
      'patient',
      leg('ended', ending('unreachable', '患者侧：480 关机（播报）', 480)),
      'ended',
    );
    expect(shown.tone).toBe('bad');
    expect(shown.failed?.zh).toBe('患者侧：480 关机（播报）');
  });

  it('does not call a hang-up a failure', () => {
    expect(legShown('patient', leg('ended', ending('hung_up', '患者已挂断')), 'ended').failed).toBeNull();
  });

  it('is no wave while it rings, is held or brings an announcement', () => {
    expect(legShown('patient', leg('early_media'), 'calling_patient').isUp).toBe(false);
    expect(legShown('patient', leg('talking'), 'on_hold').isUp).toBe(false);
    expect(legShown('agent', leg('talking'), 'talking').isUp).toBe(true);
    expect(legShown('agent', null, 'previewing').word).toBe(words.noLeg);
  });
});

describe('talking', () => {
  it('is said only when both legs are up', () => {
    expect(areBridged(talk({}))).toBe(true);
    expect(areBridged(talk({ state: 'calling_patient', patient_leg: leg('ringing') }))).toBe(false);
    expect(areBridged(talk({ agent_leg: leg('ended', ending('gone', '您的话机失去联系')) }))).toBe(false);
  });

  it('is “ringing patient” while only the agent is there', () => {
    const me = samplePage.me;
    expect(presenceShown(me, talk({ state: 'calling_patient' })).word).toBe(words.callingPatient);
    expect(presenceShown(me, talk({})).word).toBe(words.talking);
    expect(presenceShown(me, talk({ state: 'on_hold' })).word).toBe(words.onHold);
  });
});
