import { expect, test } from 'vitest';
import { visitDemo } from './visit';

const visit = visitDemo();

test('every figure of tonight opens a list with exactly its total', { timeout: 150_000 }, async () => {
  const page = await visit.as('supervisor');
  await page.goto('/tonight');
  await page.locator('a.figure').first().waitFor();
  const links = await page
    .locator('a.figure')
    .evaluateAll((all) =>
      all.map((link) => ({ to: link.getAttribute('href') ?? '', told: link.ariaLabel ?? '' })),
    );
  expect(links.length).toBeGreaterThanOrEqual(10);
  for (const { to, told } of links) {
    // What is said: the figure itself, or a rate with its numerator.
    const said = /—|(\d[\d,]*) \//.exec(told)?.[1] ?? /^(\d[\d,]*)/.exec(told)?.[1] ?? '0';
    await page.goto(to);
    const total = page.locator('[data-total]');
    await total.waitFor();
    expect(await total.getAttribute('data-total'), `${to}: ${told}`).toBe(said.replace(',', ''));
    expect(await total.innerText(), to).toContain('与看板一致');
    const rows = await page.getByRole('dialog').locator('[role=row].row').count();
    expect(Math.min(rows, Number(said)) > 0 || said === '0', to).toBe(true);
  }
  await page.context().close();
});

test('ten figures of the report open lists with exactly their totals', { timeout: 150_000 }, async () => {
  const page = await visit.as('supervisor');
  await page.goto('/reports?month=all');
  await page.locator('button.figure').first().waitFor();
  const figures = await page.locator('button.figure').count();
  expect(figures).toBeGreaterThanOrEqual(10);
  for (let place = 0; place < 12 && place < figures; place += 1) {
    await page.locator('button.figure').nth(place).click();
    await page.getByRole('dialog').getByText('与报表一致').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.context().close();
});
