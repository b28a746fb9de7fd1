import { describe, expect, test } from 'vitest';
import { routes } from '../src/routes';
import { signIn } from './sign-in';
import { visitDemo } from './visit';

const visit = visitDemo();

const ROLES = ['administrator', 'supervisor', 'agent', 'qa', 'department_head', 'auditor'];

describe.each(ROLES)('%s', (role) => {
  test('finds no page without a grant in the rail, and a pasted link to one says who can grant it', async () => {
    const page = await visit.as(role);
    const session = (await (await page.request.get('/api/session')).json()) as {
      grants: Record<string, string>;
    };
    const linked = await page
      .getByRole('navigation')
      .first()
      .locator('a.rail-link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(linked.length).toBeGreaterThan(0);
    let refused = 0;
    for (const route of routes.filter((one) => one.path !== '/states')) {
      const path = route.path.replace('/*', '').replace(/:\w+/, '1');
      const may = route.needs.length === 0 || route.needs.some((need) => session.grants[need] !== undefined);
      if (may) continue;
      refused += 1;
      expect(linked, path).not.toContain(path);
      await page.goto(path);
      await page.getByText(`没有“${route.name[0]}”的权限。`).waitFor();
      await page.getByText('本院管理员可以授予').waitFor();
    }
    if (role !== 'supervisor') expect(refused).toBeGreaterThan(0);
    // Whoever designs scorecards without judging calls finds them in the rail.
    if (session.grants.design_scorecards && !session.grants.review)
      expect(linked).toContain('/review/scorecards');
    await page.context().close();
  });
});

const BARE = /(?<!\d)1[3-9]\d{9}(?!\d)|ZY\d{6}/;

test('a masked field is shown for a reason that stands in the audit log a second later; what is copied is the mask', async () => {
  const page = await visit.page();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: visit.url });
  await signIn(page, visit.users, 'supervisor');
  const found = await page.request.get('/api/patients?q=ZY000001');
  const [patient] = ((await found.json()) as { items: { id: number }[] }).items;
  await page.goto(`/patients/${patient?.id}`);
  await page.locator('.masked-show').first().waitFor();
  expect(await page.title()).not.toMatch(BARE);
  expect(page.url()).not.toMatch(BARE);
  expect(await page.evaluate(() => document.body.innerText)).not.toMatch(BARE);
  const masked = page.locator('.masked').filter({ hasText: '****' }).first();
  const mask = (await masked.innerText()).trim();
  await masked.locator('.masked-show').click();
  const reason = `核对号码 ${Date.now()}`;
  await page.getByRole('dialog').getByRole('textbox').fill(reason);
  await page.keyboard.press('Enter');
  const inFull = page.getByText(BARE).first();
  await inFull.waitFor();
  const shown = Date.now();
  const auditor = await visit.as('auditor');
  const log = (await (await auditor.request.get('/api/audit?deed=revealed')).json()) as {
    items: { reason: string | null; at: string }[];
  };
  const line = log.items.find((one) => one.reason === reason);
  expect(line).toBeDefined();
  expect(Math.abs(Date.parse(line?.at ?? '') - shown)).toBeLessThan(1_000);
  expect(JSON.stringify(log)).not.toMatch(BARE);
  await inFull.evaluate((element) => getSelection()?.selectAllChildren(element));
  await page.keyboard.press('Control+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).not.toMatch(BARE);
  expect(mask).toContain(copied.trim());
  await auditor.context().close();
  await page.context().close();
});

test('lists, reports, their cases and their files are masked', async () => {
  const page = await visit.as('supervisor');
  const campaigns = (await (await page.request.get('/api/campaigns')).json()) as {
    items: { name: string }[];
  };
  const campaign = encodeURIComponent(campaigns.items[0]?.name ?? '');
  const report = (await (await page.request.get(`/api/reports?campaign=${campaign}`)).json()) as {
    funnel: { key: string }[];
  };
  for (const path of [
    '/api/calls?rows=200',
    '/api/patients?q=ZY000001',
    '/api/tonight',
    '/api/tonight/calls?figure=done&rows=200',
    '/api/number-repair',
    '/api/do-not-call',
    '/api/appointments',
    `/api/reports?campaign=${campaign}`,
    `/api/reports/cases?campaign=${campaign}&figure=${report.funnel[0]?.key}`,
    `/api/reports/file?campaign=${campaign}&format=csv`,
  ]) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(200);
    expect(await answer.text(), path).not.toMatch(BARE);
  }
  await page.context().close();
});
