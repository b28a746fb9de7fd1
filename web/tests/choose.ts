// A list of choices without a mouse.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Opens a list of choices by the keyboard and goes down to one of them. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).focus();
  await page.keyboard.press('Enter');
  const active = page.locator('.ant-select-item-option-active');
  await active.waitFor();
  let at = await active.textContent();
  for (let step = 0; step < 10 && !at?.includes(option); step += 1) {
    await page.keyboard.press('ArrowDown');
    // Whoever does not wait for the step to be shown takes one too many.
    await page.waitForFunction(
      ([selector, before]) => document.querySelector(String(selector))?.textContent !== before,
      ['.ant-select-item-option-active', at],
    );
    at = await active.textContent();
  }
  expect(at).toContain(option);
  await page.keyboard.press('Enter');
}
