import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Running, startEmpty } from './demo';
import { type Front, fails, openFront } from './front';
import { signIn } from './sign-in';
import { visitDemo } from './visit';

const visit = visitDemo();
let front: Front;

beforeEach(async () => {
  front = await openFront(visit.running.demo.url);
});
afterEach(async () => {
  await front?.close();
});

describe('a daemon that is lost', () => {
  test.each([
    ['falls silent', '/tonight'],
    ['falls silent', '/recordings'],
    ['goes away', '/tonight'],
    ['goes away', '/campaigns'],
  ])('%s: within three seconds %s says of when its data is', async (how, path) => {
    const page = await visit.page({}, front.url);
    await signIn(page, visit.users, 'supervisor');
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(1_500);
    const began = Date.now();
    if (how === 'goes away') await front.goAway();
    else front.fallSilent();
    await page.getByText(/数据停在 \d\d:\d\d:\d\d/).waitFor({ timeout: 5_000 });
    expect(Date.now() - began).toBeLessThan(3_000);
    // What was there is still there.
    expect(await page.locator('main').innerText()).not.toBe('');
    await page.context().close();
  });
});

describe('one part that fails', () => {
  const parts: [role: string, path: string, failing: string, still: string][] = [
    ['qa', '/review', '/api/agreement', '[role=tablist]'],
    ['qa', '/recordings', '/api/calls', '[role=main], main button'],
    ['supervisor', '/patients/1', '/api/patients/1/why', '.masked'],
    ['supervisor', '/reports', '/api/reports', '.ant-select'],
    ['supervisor', '/campaigns', '/api/campaigns', '.rail-link'],
    ['administrator', '/settings/people', '/api/people', '.settings-list a'],
    ['administrator', '/settings/audit', '/api/audit', '.settings-list a'],
    ['administrator', '/settings/trunks', '/api/settings', '.settings-list a'],
    ['administrator', '/settings/calendars', '/api/settings/calendar', '.settings-list a'],
    ['supervisor', '/do-not-call', '/api/do-not-call', '.rail-link'],
    ['supervisor', '/number-repair', '/api/number-repair', '.rail-link'],
  ];
  test.each(parts)(
    'as %s on %s: %s breaks its card alone, with retry and a number',
    async (role, path, failing, still) => {
      front.answer(failing, fails);
      const page = await visit.page({}, front.url);
      await signIn(page, visit.users, role);
      await page.goto(path);
      const retry = page.getByRole('button', { name: '重试' });
      await retry.first().waitFor({ timeout: 15_000 });
      expect(await page.getByText('7f3a91').count()).toBeGreaterThan(0);
      expect(await page.locator(still).count()).toBeGreaterThan(0);
      front.answer(failing, null);
      await retry.first().click();
      await retry.first().waitFor({ state: 'detached', timeout: 10_000 });
      await page.context().close();
    },
  );

  test('the board that fails says so, with retry and a number', async () => {
    front.answer('/api/tonight', fails);
    front.answer('/api/tonight/events', fails);
    const page = await visit.page({}, front.url);
    await signIn(page, visit.users, 'supervisor');
    await page.goto('/tonight');
    await page.getByRole('button', { name: '重试' }).waitFor();
    expect(await page.getByText('7f3a91').count()).toBe(1);
    await page.context().close();
  });
});

describe('nothing there yet', () => {
  let empty: Running;
  beforeAll(async () => {
    empty = await startEmpty();
  });
  afterAll(async () => {
    await empty?.stop();
  });
  const pages: [role: string, path: string, sentence: RegExp][] = [
    ['supervisor', '/tonight', /今晚没有到期个案/],
    ['supervisor', '/campaigns', /还没有任务/],
    ['supervisor', '/reports', /还没有任务/],
    ['supervisor', '/do-not-call', /没有/],
    ['supervisor', '/appointments', /没有/],
    ['supervisor', '/number-repair', /没有/],
    ['supervisor', '/patients', /。/],
    ['qa', '/recordings', /没有/],
    ['qa', '/review', /没有|做完/],
  ];
  test.each(pages)('%s: %s has a sentence and an action', async (role, path, sentence) => {
    const page = await visit.page({}, empty.demo.url);
    await signIn(page, empty.demo.users, role);
    await page.goto(path);
    const content = page.locator('#content');
    await content.getByText(sentence).first().waitFor();
    const actions = await page
      .locator('#content button:visible, #content a:visible, .top-actions button:visible')
      .count();
    expect(actions).toBeGreaterThan(0);
    await page.context().close();
  });
});

describe('a slow network', () => {
  test.each([
    ['supervisor', '/tonight'],
    ['supervisor', '/campaigns'],
    ['supervisor', '/reports'],
    ['qa', '/recordings'],
    ['qa', '/recordings/LOWEST'],
    ['qa', '/review'],
    ['administrator', '/settings/audit'],
  ])('as %s nothing jumps on %s while it loads', async (role, path) => {
    const page = await visit.page({}, front.url);
    await signIn(page, visit.users, role);
    const found = role === 'qa' ? await page.request.get('/api/calls?order=lowest_score&rows=1') : null;
    const calls = found === null ? [] : ((await found.json()) as { items: { id: number }[] }).items;
    await page.addInitScript(() => {
      const shifts: { value: number; what: string }[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number;
          sources: { node?: Element }[];
        })[])
          shifts.push({
            value: entry.value,
            what: entry.sources
              .map((one) => `${one.node?.nodeName}.${(one.node as Element)?.className}`)
              .join(' '),
          });
      }).observe({ type: 'layout-shift', buffered: true });
    });
    front.slow = 700;
    await page.goto(path.replace('LOWEST', String(calls[0]?.id)));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(4_500);
    const shifts = await page.evaluate(
      () => (window as unknown as { shifts: { value: number; what: string }[] }).shifts,
    );
    const sum = shifts.reduce((all, one) => all + one.value, 0);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.02);
    await page.context().close();
  });
});
