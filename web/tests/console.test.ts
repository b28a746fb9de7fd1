// The console as QA staff, supervisors and those without a right see it: a real browser, the real daemon, a demo night.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose } from './choose';
import { answered, bring, type Look } from './sign-in';
import { visitDemo } from './visit';

const visit = visitDemo();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aftercall-bundle-'));
});

afterAll(async () => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A page of somebody who is signed in and goes where the test does; what the browser complains of fails the test. */
async function as(role: string, look: Look = {}): Promise<Page> {
  const page = await visit.page(look);
  page.on('pageerror', (error) => {
    throw error;
  });
  await bring(page, visit.users, role);
  return page;
}

interface CallLine {
  id: number;
  lowest: number | null;
}

interface Answer {
  question: string;
  key: string;
  at_ms: number;
  low: boolean;
}

const get = async <T>(page: Page, path: string): Promise<T> => {
  const answer = await page.request.get(path);
  expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200);
  return answer.json() as Promise<T>;
};

const lowest = async (page: Page): Promise<number[]> => {
  const found = await get<{ items: CallLine[] }>(page, '/api/calls?order=lowest_score&rows=3');
  return found.items.map((call) => call.id);
};

describe('QA', () => {
  test('finds the three lowest scores, plays the low answer and hears the five seconds around its key', async () => {
    const page = await as('qa');
    const calls = await lowest(page);
    expect(calls).toHaveLength(3);
    await page.goto('/recordings');
    await page.getByText('最低分', { exact: true }).first().click();
    // The list that was there before may hold the call too: the order is waited for, not the row.
    const shown = page.locator('tr[data-call]');
    const ids = () => shown.evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-call'))));
    await expect.poll(async () => (await ids()).slice(0, 3), { timeout: 20_000 }).toEqual(calls);

    await page.goto(`/recordings/${calls[0]}`);
    const call = await get<{ timeline: { answers: Answer[]; keys: { seq: number }[] } }>(
      page,
      `/api/calls/${calls[0]}`,
    );
    const low = call.timeline.answers.find((answer) => answer.low);
    expect(low, 'the lowest call has a low answer').toBeDefined();
    if (low === undefined) return;
    const row = page.locator(`tr[data-question="${low.question}"]`);
    await row.waitFor();
    await row.getByRole('button').last().click();
    const inside = (seconds: number): boolean => Math.abs(seconds * 1000 - low.at_ms) <= 2_600;
    await page.waitForFunction(() => {
      const audio = document.querySelector('audio');
      return audio !== null && !audio.paused && audio.currentTime > 0;
    });
    const times: number[] = [];
    for (let look = 0; look < 10; look += 1) {
      times.push(await page.evaluate(() => document.querySelector('audio')?.currentTime ?? -1));
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
    }
    expect(times.every(inside), `${times} around ${low.at_ms} ms`).toBe(true);
    // The listen log is what the daemon has sent: these seconds, and the WAV is as long as the database says.
    const log = await get<{ items: { from_ms: number; to_ms: number }[] }>(
      page,
      `/api/calls/${calls[0]}/listening`,
    );
    expect(log.items.some((heard) => heard.from_ms <= low.at_ms && low.at_ms <= heard.to_ms)).toBe(true);
    await page.context().close();
  });

  test('signs a review that nothing changes afterwards', async () => {
    const page = await as('qa');
    const found = await get<{ items: (CallLine & { review: string })[] }>(
      page,
      '/api/calls?order=lowest_score&rows=100',
    );
    const first = found.items.find((call) => call.review === 'none')?.id;
    await page.goto(`/recordings/${first}`);
    const panel = page.getByRole('tabpanel');
    await panel.getByText('第 1 版').waitFor();
    const groups = panel.locator('[data-item]');
    const many = await groups.count();
    expect(many).toBeGreaterThan(4);
    for (let item = 0; item < many; item += 1)
      await groups.nth(item).locator('button[aria-pressed]').first().click();
    await panel.getByRole('button', { name: /签名锁定/ }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: /签名/ });
    if (await confirm.count()) await confirm.click();
    await panel
      .getByText(/已签名|签名于/)
      .first()
      .waitFor();
    expect(await panel.locator('button[aria-pressed]:enabled').count()).toBe(0);
    await page.context().close();
  });

  test('takes a bundle that a third person verifies with openssl and sha256sum, and a changed byte is found', async () => {
    const page = await as('qa');
    const [first] = await lowest(page);
    const answer = await page.request.get(
      `/api/calls/${first}/bundle?reason=${encodeURIComponent('投诉 1234')}`,
    );
    expect(answer.status()).toBe(200);
    const zip = join(folder, 'call.zip');
    const octets = await answer.body();
    writeFileSync(zip, octets);
    expect(spawnSync(visit.running.program, ['verify', zip]).status).toBe(0);
    const unpacked = join(folder, 'unpacked');
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, unpacked]);
    const seal = [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      'public.pem',
      '-rawin',
      '-in',
      'SHA256SUMS',
      '-sigfile',
      'SHA256SUMS.sig',
    ];
    expect(execFileSync('openssl', seal, { cwd: unpacked }).toString()).toContain('Verified Successfully');
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: unpacked }).toString()).not.toContain(
      'FAILED',
    );
    expect(readFileSync(join(unpacked, 'index.html'), 'utf8')).toContain('INVITE');
    const wav = octets.indexOf('WAVEfmt');
    octets.writeUInt8(octets.readUInt8(wav + 2_000) ^ 1, wav + 2_000);
    writeFileSync(zip, octets);
    const told = spawnSync(visit.running.program, ['verify', zip]);
    expect(told.status).toBe(1);
    expect(told.stdout.toString()).toContain('recording.wav');
    const audit = await (await as('auditor')).request.get('/api/audit?deed=exported_evidence');
    expect((await audit.text()).includes(`call:${first}`)).toBe(true);
    await page.context().close();
  });
});

describe('rights', () => {
  test('a page without a grant does not exist, and a pasted link to it says so', async () => {
    const page = await as('department_head');
    await page.goto('/');
    await page.getByRole('navigation').first().waitFor();
    expect(await page.getByRole('navigation').getByText('今夜').count()).toBe(0);
    await page.goto('/tonight');
    await page
      .getByText(/管理员/)
      .first()
      .waitFor();
    expect((await page.request.get('/api/tonight')).status()).toBe(403);
    await page.context().close();
  });

  test('a department head sees the calls of the own department alone', async () => {
    const page = await as('department_head');
    const all = await (await as('qa')).request.get('/api/calls?rows=200');
    const calls = ((await all.json()) as { items: { id: number; department: string }[] }).items;
    const foreign = calls.find((call) => call.department !== '骨科');
    const own = calls.find((call) => call.department === '骨科');
    expect(foreign && own).toBeTruthy();
    expect((await page.request.get(`/api/calls/${foreign?.id}`)).status()).toBe(404);
    expect((await page.request.get(`/api/calls/${own?.id}`)).status()).toBe(200);
    expect((await page.request.get(`/api/calls/${foreign?.id}/audio`)).status()).toBe(404);
    await page.context().close();
  });

  test('nothing is answered without a session but what the description says is open', async () => {
    const page = await visit.page();
    const described = await get<{ paths: Record<string, Record<string, { security?: unknown[] }>> }>(
      page,
      '/api/openapi.json',
    );
    const open = ['/api/session', '/api/health', '/api/openapi.json'];
    for (const [path, operations] of Object.entries(described.paths)) {
      for (const method of Object.keys(operations)) {
        const answer = await page.request.fetch(path.replace(/\{[^}]+\}/g, '1'), {
          method,
          data: method === 'get' ? undefined : {},
        });
        if (!open.includes(path)) expect(answer.status(), `${method} ${path}`).toBe(401);
      }
    }
    await page.context().close();
  });

  test('no name and no number leaves a list unmasked', async () => {
    const page = await as('qa');
    for (const path of ['/api/calls?rows=200', '/api/patients?q=ZY000001']) {
      const text = await (await page.request.get(path)).text();
      expect(text).not.toMatch(/1\d{10}/);
      expect(text).not.toContain('ZY000001');
    }
    await page.context().close();
  });
});

describe('in both languages', () => {
  test.each([
    ['zh', '`lines` 是 0；应为 1 到 10000 的整数', '设置里没有中继“nowhere”'],
    ['en', '`lines` is 0; expected a whole number from 1 to 10000', 'there is no trunk "nowhere"'],
  ] as const)('the faults of a campaign are told: %s', async (language, amount, trunk) => {
    const page = await as('supervisor', { language });
    await page.goto('/campaigns/new');
    const text = page.locator('textarea');
    const head = 'name = "a"\ndialplan = "b.toml"\ntrunk = "nowhere"\n';
    await text.fill(`${head}lines = 0\n`);
    await page.getByText(amount).waitFor();
    await text.fill(head);
    await page.getByText(trunk).waitFor();
    await page.context().close();
  });

  test('recordings are filtered by the keyboard, and what is on stands in the address', async () => {
    const page = await as('qa');
    await page.goto('/recordings');
    await answered(page);
    await choose(page, '标记', '低分');
    await page.waitForURL(/flag=low_score/);
    await choose(page, '标记', '标记');
    await page.waitForURL((url) => !url.search.includes('flag'));
    await page.context().close();
  });
});

const pages: [role: string, path: string, name: string][] = [
  ['supervisor', '/tonight', 'tonight'],
  ['supervisor', '/campaigns', 'campaigns'],
  ['supervisor', '/patients', 'patients'],
  ['supervisor', '/do-not-call', 'do-not-call'],
  ['supervisor', '/number-repair', 'number-repair'],
  ['supervisor', '/review/scorecards', 'scorecards'],
  ['qa', '/recordings', 'recordings'],
  ['qa', '/recordings/LOWEST', 'replay'],
  ['qa', '/review', 'review'],
  ['administrator', '/settings/people', 'people'],
  ['administrator', '/settings/roles', 'roles'],
  ['administrator', '/settings/audit', 'audit'],
  ['administrator', '/settings/trunks', 'settings-trunks'],
  ['administrator', '/settings/calendars', 'settings-calendars'],
  ['supervisor', '/offline-list', 'offline'],
  ['supervisor', '/reports?part=months', 'reports-months'],
  ['supervisor', '/import', 'import'],
];

describe('every page', () => {
  const looks: Look[] = [
    { theme: 'day', language: 'zh' },
    { theme: 'night', language: 'en' },
  ];
  for (const [role, path, name] of pages) {
    for (const look of looks) {
      test(`${name} by ${look.theme} in ${look.language} has no serious fault by axe and does not scroll sideways`, async () => {
        const page = await as(role, look);
        const [first] = role === 'qa' ? await lowest(page) : [];
        await page.goto(path.replace('LOWEST', String(first)));
        await page.getByRole('heading', { level: 1 }).waitFor();
        await answered(page);
        const found = await new AxeBuilder({ page }).analyze();
        const serious = found.violations.filter(
          (one) => one.impact === 'serious' || one.impact === 'critical',
        );
        expect(
          serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`),
        ).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wide).toBeLessThanOrEqual(0);
        const shots = process.env.SCREENS;
        if (shots) await page.screenshot({ path: join(shots, `${name}-${look.theme}-${look.language}.png`) });
        await page.context().close();
      });
    }
  }
});
