// The desk, as it was built, looked at in a real browser: sizes, themes, languages and states, with a desk that is told instead of a daemon's. What the
// daemon itself does is tested elsewhere; here is only what a person would see.
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeskPage } from '../src/pages/desk/api';
import { sampleForm, sampleIdle, samplePage, withTalk } from '../src/pages/desk/sample';
import { faultsOf } from './boxes';
import { type Look, openBrowser, openPage } from './sign-in';

let browser: Browser;
let server: PreviewServer;
let url: string;

beforeAll(async () => {
  server = await preview({
    root: resolve(import.meta.dirname, '..'),
    logLevel: 'error',
    preview: { port: 0, host: '127.0.0.1', proxy: {} },
  });
  url = server.resolvedUrls?.local[0] ?? '';
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const GRANTS = {
  agent: {
    call: 'own',
    see_patients: 'all',
    reveal: 'all',
    repair_numbers: 'all',
    keep_do_not_call: 'all',
    see_calls: 'own',
    listen: 'own',
  },
  supervisor: {
    call: 'all',
    keep_floor: 'all',
    listen_in: 'all',
    override_rules: 'all',
    see_tonight: 'all',
    see_patients: 'all',
    reveal: 'all',
    see_campaigns: 'all',
    see_calls: 'all',
    see_reports: 'all',
    see_settings: 'all',
  },
};

/** A page that is told of this desk; its clock stands at the desk's. */
async function look(desk: DeskPage, at: Look = {}, role: keyof typeof GRANTS = 'agent'): Promise<Page> {
  const page = await openPage(browser, url, at);
  const session = {
    person: { id: 4, account: 'liwenjing', name: '李文静', role },
    grants: GRANTS[role],
    csrf: 'x',
    password_due: false,
    until_at: '2026-11-20T20:00:00.000Z',
    hospital: '云溪市人民医院',
    zone: 'Asia/Shanghai',
    version: '0.1.0',
  };
  await page.clock.setFixedTime(new Date(desk.at));
  await page.addInitScript(() => {
    class Told extends EventTarget {
      static readonly CLOSED = 2;
      readyState = 1;
      onopen: (() => void) | null = null;
      onerror: (() => void) | null = null;
      constructor() {
        super();
        queueMicrotask(() => this.onopen?.());
      }
      close() {
        this.readyState = 2;
      }
    }
    window.EventSource = Told as unknown as typeof EventSource;
  });
  await page.route('**/api/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.startsWith('/src/')) return route.fallback();
    if (path === '/api/session') return route.fulfill({ json: session });
    if (path === '/api/health') return route.fulfill({ json: { state: 'ok' } });
    if (path.startsWith('/api/desk')) return route.fulfill({ json: desk });
    if (path === '/api/floor') return route.fulfill({ json: floor });
    return route.fulfill({ status: 404, json: { title: 'not found', status: 404, detail: path } });
  });
  return page;
}

const legs = {
  state_since_at: null,
  attempt_id: 1,
  third_leg: null,
  keys: '',
  recording: 'on' as const,
  is_muted: false,
  refusal: null,
};
const leg = (state: 'talking' | 'ringing') => ({ state, since_at: null, ending: null });
const agent = (
  id: number,
  name: string,
  presence: string,
  now: object | null,
  reason: string | null = null,
) => ({
  account_id: id,
  name,
  department: null,
  presence,
  reason,
  since_at: '2026-11-20T11:23:41.000Z',
  until_at: null,
  calls_today: 20 + id,
  calls_a_day: 300,
  conversation_id: now === null ? null : 5000 + id,
  case_id: now === null ? null : id,
  now,
  listening: id === 2 ? [9] : [],
});
const floor = {
  at: samplePage.at,
  pause_reasons: samplePage.pause_reasons,
  agents: [
    agent(1, '李文静', 'talking', {
      ...legs,
      state: 'talking',
      agent_leg: leg('talking'),
      patient_leg: leg('talking'),
    }),
    agent(2, '王志强', 'talking', {
      ...legs,
      state: 'calling_patient',
      agent_leg: leg('talking'),
      patient_leg: leg('ringing'),
    }),
    agent(3, '陈晓燕', 'ready', null),
    agent(4, '赵敏', 'wrapping_up', {
      ...legs,
      state: 'ended',
      agent_leg: leg('talking'),
      patient_leg: null,
      refusal: {
        rule: 'number_capped',
        words: { zh: '该号码近期呼叫次数已满', en: 'number capped' },
        until_at: null,
        is_grantable: true,
      },
    }),
    agent(5, '刘洋', 'paused', null, 'meal'),
  ],
};

const ended = (end: string, zh: string, en: string, status: number | null) => ({
  state: 'ended' as const,
  since_at: null,
  ending: { end, words: { zh, en }, status, q850: null, talk_ms: null },
});

const NO_PHONE = { kind: 'none', name: null, standing: 'unknown', standing_since_at: null } as const;
const wrapUp = (more: Parameters<typeof withTalk>[0]): DeskPage => {
  const desk = withTalk(more, 'wrapping_up');
  return { ...desk, me: { ...desk.me, until_at: '2026-11-20T11:27:20.000Z' } };
};
const states: Record<string, DeskPage> = {
  talk: samplePage,
  pain: withTalk({
    form: {
      ...sampleForm,
      path: sampleForm.path.slice(0, -1),
      open: 'pain',
      answers: sampleForm.answers.slice(0, 3),
      missing: ['pain', 'recheck', 'doctor', 'advice'],
    },
  }),
  idle: sampleIdle,
  empty: { ...sampleIdle, upcoming: [] },
  muted: withTalk({ is_muted: true }),
  unregistered: {
    ...sampleIdle,
    me: { ...sampleIdle.me, phone: { ...sampleIdle.me.phone, standing: 'gone' } },
  },
  away: { ...sampleIdle, me: { ...sampleIdle.me, presence: 'paused', reason: 'phone_failed' } },
  'no-phone': {
    ...sampleIdle,
    me: { ...sampleIdle.me, presence: 'away', phone: NO_PHONE },
  },
  preview: withTalk(
    {
      state: 'previewing',
      agent_leg: null,
      patient_leg: null,
      recording: 'off',
      preview_until_at: '2026-11-20T11:26:18.000Z',
    },
    'previewing',
  ),
  'preview-over': withTalk(
    {
      state: 'previewing',
      agent_leg: null,
      patient_leg: null,
      recording: 'off',
      preview_until_at: samplePage.at,
    },
    'previewing',
  ),
  'given-back': { ...sampleIdle, given_back: { case_id: 391, name: '孙*华', at: samplePage.at } },
  'given-back-alone': {
    ...sampleIdle,
    upcoming: [],
    given_back: { case_id: 391, name: '孙*华', at: samplePage.at },
  },
  'agent-no-answer': wrapUp({
    state: 'ended',
    agent_leg: ended('no_answer', '坐席侧：话机未应答', 'Agent: your phone did not answer', 480),
    patient_leg: null,
    recording: 'off',
    classified: null,
  }),
  'powered-off': wrapUp({
    state: 'ended',
    agent_leg: ended('other_ended', '坐席侧：患者侧结束', 'Agent: the patient’s side ended', null),
    patient_leg: ended(
      'unreachable',
      '患者侧：480 关机（播报）',
      'Patient: 480 powered off (announcement)',
      480,
    ),
    recording: 'off',
    classified: 'power_off',
  }),
  refused: wrapUp({
    state: 'ended',
    agent_leg: ended('ordered', '坐席侧：已挂断', 'Your phone: hung up', null),
    patient_leg: null,
    recording: 'off',
    refusal: {
      rule: 'window_closed',
      words: { zh: '此类号码当前时段不可呼叫', en: 'This kind of number may not be called now' },
      until_at: '2026-11-21T00:00:00.000Z',
      is_grantable: true,
    },
  }),
  kept: withTalk({
    state: 'agent_lost',
    agent_leg: ended('gone', '坐席侧：话机失去联系', 'Agent: the phone was lost', null),
  }),
  'wrap-up': wrapUp({
    state: 'ended',
    recording: 'off',
    agent_leg: ended('ordered', '坐席侧：坐席挂断', 'Your phone: hung up', null),
    patient_leg: {
      ...ended('other_ended', '患者侧：另一方结束', 'Patient: the other side ended', null),
      ending: {
        end: 'other_ended',
        words: { zh: '患者侧：另一方结束', en: 'Patient: the other side ended' },
        status: null,
        q850: null,
        talk_ms: 134_000,
      },
    },
  }),
};

const shots = process.env.SCREENS;
const shoot = async (page: Page, name: string) => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
};

/** Nothing scrolls the page, and no text of a control is cut. */
async function fits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const main = document.querySelector('main');
    if (main && main.scrollHeight > main.clientHeight + 1) {
      faults.push(`main scrolls: ${main.scrollHeight} > ${main.clientHeight}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is too wide');
    for (const button of document.querySelectorAll<HTMLElement>('main button')) {
      if (button.offsetParent === null || button.closest('.dk-steps')) continue;
      if (button.scrollWidth > button.clientWidth + 1) faults.push(`cut: ${button.textContent}`);
    }
    const bar = document.querySelector<HTMLElement>('.dk-bar');
    if (bar && bar.scrollWidth > bar.clientWidth + 1) faults.push('the bar is cut');
    return faults;
  });
}

const WIDTHS = [
  [1366, 768],
  [1024, 768],
  [1920, 1080],
] as const;

/** The page has been drawn anew in its new size. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

describe('the desk', () => {
  for (const [width, height] of WIDTHS) {
    for (const [theme, language] of [
      ['day', 'zh'],
      ['night', 'zh'],
      ['day', 'en'],
      ['night', 'en'],
    ] as const) {
      test(`fits ${width} x ${height}, ${theme}, ${language}`, async () => {
        const page = await look(samplePage, { theme, language, width, height });
        await page.goto('/desk');
        await page.locator('.dk-say h2').waitFor();
        await shoot(page, `desk-${width}-${theme}-${language}`);
        expect(await fits(page)).toEqual([]);
        await page.context().close();
      });
    }
  }

  for (const [name, desk] of Object.entries(states)) {
    for (const [theme, language] of [
      ['day', 'zh'],
      ['night', 'en'],
    ] as const) {
      test(`shows ${name} (${theme}, ${language}) at three widths, without a fault of axe`, async () => {
        const page = await look(desk, { theme, language }, name === 'refused' ? 'supervisor' : 'agent');
        await page.goto('/desk');
        await page.locator('.dk-bar').waitFor();
        await shoot(page, `desk-${name}-${theme}-${language}`);
        for (const [width, height] of WIDTHS) {
          await page.setViewportSize({ width, height });
          await drawn(page);
          if (width !== 1366) await shoot(page, `desk-${name}-${width}-${theme}-${language}`);
          const faults = [...(await fits(page)), ...(await faultsOf(page))];
          expect.soft(faults, `at ${width} x ${height}`).toEqual([]);
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
        expect(serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual(
          [],
        );
        await page.context().close();
      });
    }
  }

  test('is an agent’s home, and by g a', async () => {
    const page = await look(samplePage);
    await page.goto('/');
    await page.waitForURL('**/desk');
    await page.goto('/patients');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL('**/desk');
    await page.context().close();
  });
});

describe('the floor', () => {
  for (const [theme, language] of [
    ['day', 'zh'],
    ['night', 'en'],
  ] as const) {
    test(`shows who does what (${theme}, ${language})`, async () => {
      const page = await look(samplePage, { theme, language }, 'supervisor');
      await page.goto('/floor');
      await page.getByText('陈晓燕').waitFor();
      await shoot(page, `floor-${theme}-${language}`);
      await page.context().close();
    });
  }

  test('does not exist without the grant', async () => {
    const page = await look(samplePage);
    await page.goto('/floor');
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    expect(await page.getByText('陈晓燕').count()).toBe(0);
    await page.context().close();
  });
});
