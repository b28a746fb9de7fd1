// A list of choices without a mouse.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Opens a list of choices by the keyboard and goes down to one of them. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).focus();
  await page.keyboard.press('Enter');
  const active = page.locator('.ant-select-item-option-active');
  await active.waitFor();
  for (let step = 0; step < 10 && !(await active.innerText()).includes(option); step += 1) {
    await page.keyboard.press('ArrowDown');
  }
  expect(await active.innerText()).toContain(option);
  await page.keyboard.press('Enter');
}
