// For those who see colours otherwise: every state and every result has a shape and a name of its own. SCREENS=DIR keeps pictures of
// how a deuteranope, a protanope and a grey printer see tonight, the replay and the reports.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { still } from './night';
import { answered, signIn } from './sign-in';
import { visitDemo } from './visit';

const visit = visitDemo(still);

describe.each(['deuteranopia', 'protanopia', 'achromatopsia'] as const)('with %s', (type) => {
  test.each([
    ['tonight', 'supervisor', '/tonight'],
    ['reports', 'supervisor', '/reports'],
    ['replay', 'qa', '/recordings/LOWEST'],
  ] as const)('%s is pictured', async (name, role, path) => {
    const page = await visit.page();
    const sight = await page.context().newCDPSession(page);
    await sight.send('Emulation.setEmulatedVisionDeficiency', { type });
    await signIn(page, visit.users, role);
    const found = await page.request.get('/api/calls?order=lowest_score&rows=1');
    const [call] = ((await found.json()) as { items: { id: number }[] }).items;
    await page.goto(path.replace('LOWEST', String(call?.id)));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await answered(page);
    const shots = process.env.SCREENS;
    if (shots) await page.screenshot({ path: join(shots, `${name}-${type}.png`) });
    await page.context().close();
  });
});

test('each state of a line has a shape and a name of its own, whatever its colour', async () => {
  const page = await visit.as('supervisor');
  await page.goto('/tonight');
  await page.locator('.t-cell').first().waitFor();
  const cells = await page.locator('.t-cell').evaluateAll((all) =>
    all.map((cell) => {
      const drawn = cell.querySelector('svg')?.cloneNode(true) as SVGElement;
      for (const part of drawn.querySelectorAll('*')) {
        const isFilled = part.getAttribute('fill') !== 'none' && part.hasAttribute('fill');
        part.setAttribute('fill', isFilled ? 'ink' : 'none');
        part.removeAttribute('stroke');
        part.removeAttribute('opacity');
      }
      return { name: (cell.getAttribute('aria-label') ?? '').split('，')[1] ?? '', shape: drawn.innerHTML };
    }),
  );
  const shapes = new Map<string, Set<string>>();
  for (const { name, shape } of cells) shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
  expect(shapes.size).toBe(9);
  expect(shapes.has('')).toBe(false);
  const all = [...shapes.values()].map((some) => [...some]);
  for (const some of all) expect(some).toHaveLength(1);
  expect(new Set(all.flat()).size).toBe(9);
  const results = await page.locator('.t-row').evaluateAll((rows) =>
    rows.map((row) => ({
      glyph: `${row.querySelector('path')?.getAttribute('d')} ${row.querySelector('svg')?.getAttribute('class')}`,
      word: row.querySelector('.t-name')?.textContent ?? '',
    })),
  );
  expect(new Set(results.map((one) => one.glyph)).size).toBe(results.length);
  for (const { word } of results) expect(word).not.toBe('');
  await page.context().close();
});
