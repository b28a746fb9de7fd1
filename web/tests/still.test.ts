// Tonight for a minute during a run: the order of results changes and something new needs a person, and no row moves under the
// pointer.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { running as night } from './night';
import { visitDemo } from './visit';

const visit = visitDemo(night);

/** Where each row stands, by its words without figures. */
const places = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(() => {
    const found: Record<string, number> = {};
    const rows = '.t-row .t-name, .attention b, .t-campaigns td:first-child a, .t-trunks td:first-child';
    for (const row of document.querySelectorAll(rows))
      found[row.textContent ?? ''] = Math.round(row.getBoundingClientRect().top);
    for (const cell of document.querySelectorAll('.t-cell')) {
      const name = (cell.getAttribute('aria-label') ?? '').split('，')[0] ?? '';
      found[name] = Math.round(cell.getBoundingClientRect().top * 10_000 + cell.getBoundingClientRect().left);
    }
    return found;
  });

const watch = async (page: Page, over: string, seconds: number): Promise<void> => {
  await page.locator(over).first().hover();
  const first = await places(page);
  expect(Object.keys(first).length).toBeGreaterThan(70);
  for (let second = 0; second < seconds; second += 1) {
    await page.waitForTimeout(1_000);
    const now = await places(page);
    const moved = Object.entries(now).filter(([name, at]) => first[name] !== undefined && first[name] !== at);
    // What the pointer is not on may change its order; under it nothing does, and the wall and the tables never do.
    const under = over.includes('attention') ? '.attention b' : '.t-row .t-name';
    const free = await page
      .locator(under === '.attention b' ? '.t-row .t-name' : '.attention b')
      .allTextContents();
    expect(moved.filter(([name]) => !free.includes(name))).toEqual([]);
  }
};

test('no row moves under the pointer, and what is new waits until it has left', {
  timeout: 150_000,
}, async () => {
  const page = await visit.as('supervisor');
  await page.goto('/tonight');
  await page.locator('.t-cell').first().waitFor();
  await watch(page, '.attention li', 30);
  expect(await page.getByText('1 条新记录').count()).toBe(1);
  await watch(page, '.t-results .t-row', 30);
  expect(await page.getByText('新呼叫已停').count()).toBe(1);
  await page.locator('h1').hover();
  await page.waitForTimeout(1_500);
  const order = await page.locator('.t-row .t-name').allTextContents();
  expect(order.indexOf('占线')).toBeLessThan(order.indexOf('部分完成'));
  await page.context().close();
});
