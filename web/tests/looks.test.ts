// Replay and tonight at three widths, in both languages, by day and by night: nothing is cut, nothing lies on anything, and at
// 1366 x 768 the page itself does not scroll. SCREENS=DIR keeps the pictures.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultsOf, scrollOf } from './boxes';
import { still } from './night';
import { answered } from './sign-in';
import { visitDemo } from './visit';

const visit = visitDemo(still);

const WIDTHS = [
  [1024, 768],
  [1366, 768],
  [1920, 1080],
] as const;

describe.each(['zh', 'en'] as const)('in %s', (language) => {
  describe.each(['day', 'night'] as const)('by %s', (theme) => {
    test.each(WIDTHS)('replay and tonight at %i x %i', async (width, height) => {
      const shots = process.env.SCREENS;
      const faults: Record<string, string[]> = {};
      for (const [name, role] of [
        ['tonight', 'supervisor'],
        ['replay', 'qa'],
      ] as const) {
        const page = await visit.as(role, { theme, language, width, height });
        if (name === 'replay') {
          const found = await page.request.get('/api/calls?order=lowest_score&rows=1');
          const [call] = ((await found.json()) as { items: { id: number }[] }).items;
          const told = (await (await page.request.get(`/api/calls/${call?.id}`)).json()) as {
            timeline: { answers: { question: string; low: boolean }[] };
          };
          const low = told.timeline.answers.find((answer) => answer.low);
          await page.goto(`/recordings/${call?.id}?q=${low?.question}`);
          await page.locator(`tr[data-question="${low?.question}"]`).waitFor();
        } else {
          await page.goto('/tonight');
          await page.locator('.t-cell').first().waitFor();
        }
        await answered(page);
        if (shots) await page.screenshot({ path: join(shots, `${name}-${width}-${theme}-${language}.png`) });
        faults[name] = await faultsOf(page);
        const scroll = await scrollOf(page);
        if (scroll.across > 0) faults[name].push(`scrolls across by ${scroll.across}`);
        if (width === 1366 && scroll.down > 0) faults[name].push(`scrolls down by ${scroll.down}`);
        await page.context().close();
      }
      expect(faults).toEqual({ tonight: [], replay: [] });
    });
  });
});
