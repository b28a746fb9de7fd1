// Without a mouse: sign in, open the review queue, play the low score, pin a comment, mark every item, sign, go to the next call.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { visitDemo } from './visit';

const visit = visitDemo();

/** What has the focus, and how thick its ring is. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    // An input of Ant's draws the ring on its frame.
    const rings = [
      element,
      element.parentElement,
      element.closest('.ant-input-affix-wrapper, .ant-select, form'),
    ];
    const ring = rings.map((one) => {
      if (one == null) return 0;
      const style = getComputedStyle(one);
      const outline = style.outlineStyle === 'none' ? 0 : Number.parseFloat(style.outlineWidth);
      return Math.max(outline, /0px 0px 0px [1-9]/.test(style.boxShadow) ? 2 : 0);
    });
    return { html: element.outerHTML.slice(0, 120), ring: Math.max(...ring) };
  });

/** Goes along the page by Tab until what is wanted has the focus; every stop on the way has its ring. */
async function tabTo(page: Page, wanted: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < 90; stop += 1) {
    if (await page.evaluate((one) => document.activeElement?.matches(one) ?? false, wanted)) return;
    await page.keyboard.press(key);
    const now = await focused(page);
    if (now !== null) expect(now.ring, now.html).toBeGreaterThanOrEqual(2);
  }
  throw new Error(`the keyboard does not reach ${wanted}`);
}

/** Two calls that wait for this reviewer. */
async function waiting(): Promise<void> {
  const page = await visit.as('qa');
  const { csrf } = (await (await page.request.get('/api/session')).json()) as { csrf: string };
  const headers = { 'x-csrf-token': csrf, origin: visit.url };
  const lowest = (await (await page.request.get('/api/calls?order=lowest_score&rows=50')).json()) as {
    items: { campaign: { id: number } }[];
  };
  const drawn = await page.request.post('/api/samples', {
    headers: { ...headers, 'idempotency-key': `keyboard-${Date.now()}` },
    data: {
      campaign_id: lowest.items[0]?.campaign.id,
      from_at: new Date(Date.now() - 86_400_000).toISOString(),
      to_at: new Date(Date.now() - 1_000).toISOString(),
      due_at: new Date(Date.now() + 86_400_000).toISOString(),
      seed: `keyboard-${Date.now()}`,
      low_share: 100,
    },
  });
  expect(drawn.ok(), await drawn.text()).toBe(true);
  const queue = (await (await page.request.get('/api/reviews?queue=sample&rows=100')).json()) as {
    items: { id: number; lowest: number | null; reviewer: unknown; state: string }[];
  };
  const open = queue.items.filter((row) => row.reviewer == null && row.state !== 'signed');
  const wanted = open.filter((row) => row.lowest !== null && row.lowest < 50).slice(0, 2);
  for (const row of wanted.length === 2 ? wanted : open.slice(0, 2)) {
    const claimed = await page.request.post(`/api/reviews/${row.id}/claim`, { headers });
    expect(claimed.ok(), await claimed.text()).toBe(true);
  }
  await page.context().close();
}

test('a review from the door to the signature by keys alone', { timeout: 120_000 }, async () => {
  await waiting();
  const page = await visit.page();
  const user = visit.users.find((one) => one.role === 'qa');
  await page.goto('/');
  await page.locator('input[autocomplete=username]').waitFor();
  await tabTo(page, 'input[autocomplete=username]');
  await page.keyboard.type(user?.name ?? '');
  await tabTo(page, 'input[autocomplete=current-password]');
  await page.keyboard.type(user?.password ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();

  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.waitForURL(/\/review/);
  await page.locator('.rows [role=row].opens').first().waitFor();
  await page.keyboard.press('j');
  expect(await page.locator('[role=row][aria-current=true]').count()).toBe(1);
  const mark = await page
    .locator('[role=row][aria-current=true]')
    .evaluate((row) => getComputedStyle(row).boxShadow + getComputedStyle(row).backgroundColor);
  expect(mark).not.toBe('nonergba(0, 0, 0, 0)');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/recordings\/\d+/);
  await page.locator('tr[data-question]').first().waitFor();
  const first = page.url().split('?')[0];

  // The low score: down the answers to it, and hear it.
  const low = page.locator('tr[data-question][aria-selected=true] [class*=tagBad]');
  const many = await page.locator('tr[data-question]').count();
  for (let row = 0; row < many && (await low.count()) === 0; row += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => {
    const audio = document.querySelector('audio');
    return audio !== null && !audio.paused && audio.currentTime > 0;
  });
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('audio')?.paused === true);

  // A comment: what is typed is text and nothing else.
  await page.keyboard.press('c');
  await page.waitForFunction(() => document.activeElement?.id === 'replay-comment');
  expect((await focused(page))?.ring).toBeGreaterThanOrEqual(2);
  const before = page.url();
  const speed = await page.evaluate(() => document.querySelector('audio')?.playbackRate);
  await page.keyboard.type('jk asdlx 123 ?/=- gn 患者说不满意', { delay: 5 });
  expect(await page.locator('#replay-comment').inputValue()).toBe('jk asdlx 123 ?/=- gn 患者说不满意');
  expect(page.url()).toBe(before);
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await page.evaluate(() => document.querySelector('audio')?.playbackRate)).toBe(speed);
  expect(await page.evaluate(() => document.querySelector('audio')?.paused)).toBe(true);
  await page.keyboard.press('Control+Enter');
  await page.locator('article', { hasText: '患者说不满意' }).waitFor();

  // Back to the card by the tabs, every item by digits, the signature by Ctrl Enter.
  await tabTo(page, '[role=tab][aria-selected=true]', 'Shift+Tab');
  await page.keyboard.press('ArrowLeft');
  await page.locator('[data-item]').first().waitFor();
  const items = await page.locator('[data-item]').count();
  expect(items).toBeGreaterThan(4);
  for (let item = 0; item < items; item += 1) await page.keyboard.press('1');
  expect(await page.locator('[data-item] button[aria-pressed=true]').count()).toBe(items);
  await page.keyboard.press('Control+Enter');
  await page
    .getByRole('tabpanel')
    .getByText(/已签名|签名时间/)
    .first()
    .waitFor();

  await page.keyboard.press('Shift+J');
  await page.waitForURL((url) => `${url.origin}${url.pathname}` !== first);
  await page.locator('tr[data-question], [role=alert]').first().waitFor();
  expect(page.url()).toMatch(/\/recordings\/\d+/);
  await page.context().close();
});
