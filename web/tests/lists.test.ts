// Lists: one that is imported, with a cell put right before anything is saved; and one to call by while the system is down, on paper
// and in files, and what was heard on the telephone entered afterwards. A daemon of their own: its campaign calls nobody.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose } from './choose';
import { type Empty, startEmpty } from './demo';
import { bring, openBrowser, openPage } from './sign-in';

const ROOT = resolve(import.meta.dirname, '../..');
const CAMPAIGN = '出院后随访';

let empty: Empty;
let browser: Browser;

beforeAll(async () => {
  empty = await startEmpty(['supervisor', 'auditor']);
  const dialplan = join(ROOT, 'dialplans/post-discharge.toml');
  empty.command(['campaign', 'add'], {
    name: 'campaign.toml',
    text: `name = "${CAMPAIGN}"\ndialplan = ${JSON.stringify(dialplan)}\ntrunk = "none"\n`,
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await empty?.stop();
});

async function supervisor(): Promise<Page> {
  const page = await openPage(browser, empty.demo.url);
  page.on('pageerror', (error) => {
    throw error;
  });
  page.setDefaultTimeout(15_000);
  await bring(page, empty.demo.users, 'supervisor');
  return page;
}

const OUT = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
/** As the hospital's system wrote it: one number lost its digits in a spreadsheet, one was cut. */
const LIST = `就诊流水号,姓名,联系电话,出院科室,出院日期
V3001,沈志远,13800020001,骨科,${OUT}
V3002,孙美华,1.38E+10,骨科,${OUT}
V3003,周国强,138000,呼吸内科,${OUT}
`;

test('a wrong cell is put right before anything is saved, and the list is imported with it', async () => {
  const page = await supervisor();
  await page.goto('/import');
  await choose(page, '何时应回访', '立即');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'discharged.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST) });
  await page.getByRole('button', { name: '导入 1 行' }).waitFor();
  const fault = (place: string) => page.locator('.imp-table tbody tr').filter({ hasText: place });
  const putRight = async (place: string, value: string) => {
    await page.getByRole('button', { name: `改正 ${place}`, exact: true }).click();
    await page.getByRole('textbox', { name: `${place} 的新内容` }).fill(value);
    await page.keyboard.press('Enter');
  };
  await fault('C3').getByText('整行拒绝').waitFor();
  await fault('C4').getByText('整行拒绝').waitFor();

  await putRight('C3', '13800020002');
  await page.getByRole('button', { name: '导入 2 行' }).waitFor();
  expect(await fault('C3').count()).toBe(0);
  // What is still wrong is still a fault.
  await putRight('C4', '1380002');
  await fault('C4').getByText('整行拒绝').waitFor();
  await page.getByRole('button', { name: '导入 2 行' }).waitFor();
  await putRight('C4', '13800020003');
  await page.getByRole('button', { name: '导入 3 行' }).waitFor();
  // A correction can be taken back, and the cell is what the file says.
  await page.getByRole('button', { name: '撤销对 C3 的改正' }).click();
  await fault('C3').getByText('整行拒绝').waitFor();
  await putRight('C3', '13800020002');
  await page.getByText('没有问题。').waitFor();
  const found = await page.request.get('/api/patients?q=V3002');
  expect(((await found.json()) as { items: unknown[] }).items, 'nothing is saved yet').toEqual([]);

  await page.getByRole('button', { name: '导入 3 行' }).click();
  await page.getByRole('button', { name: '再导入一个' }).waitFor();
  const figures = await page.locator('.strip').innerText();
  expect(figures.replace(/\s+/g, ' ')).toMatch(/已导入 3 .*新增 3 .*拒绝 0 .*新个案 3/);
  // Found by the digits that were typed, and by nothing of the file.
  const saved = await page.request.get('/api/patients?q=0002');
  expect(((await saved.json()) as { items: { name: string }[] }).items.map((one) => one.name)).toEqual([
    '孙*华',
  ]);
  await page.context().close();
});

test('the offline list on the screen, on paper and in files; what was heard is entered, and nobody is on it twice', async () => {
  const page = await supervisor();
  await page.addInitScript(() => {
    window.print = () => document.body.setAttribute('data-printed', '');
  });
  await page.goto('/offline-list');
  const rows = page.locator('.offline-table tbody tr');
  // Nobody takes it without saying what for.
  await page.getByRole('button', { name: '生成清单' }).click();
  await page.getByText('请写明用途').waitFor();
  expect(await rows.count()).toBe(0);
  const reason = '机房停电，今晚人工回访';
  await page.getByRole('textbox', { name: '用途' }).fill(reason);
  await page.getByRole('button', { name: '生成清单' }).click();
  await rows.nth(2).waitFor();
  expect(await page.locator('.offline-table').innerText()).not.toMatch(/孙美华|138 0002/);
  await page.getByRole('checkbox', { name: '完整姓名和号码' }).check();
  await page.getByRole('button', { name: '生成清单' }).click();
  await rows.filter({ hasText: '孙美华' }).getByText('138 0002 0002').waitFor();
  expect(await rows.count()).toBe(3);
  // What is to be asked goes along with it.
  await page.locator('.offline-questions li').nth(2).waitFor();

  await page.getByRole('button', { name: '打印' }).click();
  await page.locator('body[data-printed]').waitFor();
  await page.emulateMedia({ media: 'print' });
  expect(await rows.filter({ hasText: '孙美华' }).isVisible()).toBe(true);
  for (const screen of ['.rail', '.top', '.offline-ask']) {
    expect(await page.locator(screen).first().isVisible(), screen).toBe(false);
  }
  expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
  await page.emulateMedia({ media: 'screen' });

  const files: Record<string, Buffer> = {};
  for (const form of ['CSV', 'XLSX']) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: form }).click(),
    ]);
    files[form] = readFileSync(await file.path());
  }
  expect(files.CSV?.toString()).toMatch(/V3002.*孙美华.*138 0002 0002/);
  expect(files.XLSX?.subarray(0, 2).toString()).toBe('PK');
  const auditor = await openPage(browser, empty.demo.url);
  await bring(auditor, empty.demo.users, 'auditor');
  const log = (await (await auditor.request.get('/api/audit?deed=exported_offline_list')).json()) as {
    items: { reason: string; detail: { full: boolean; form: string | null; cases: number } }[];
  };
  expect(log.items.map(({ reason, detail }) => [reason, detail.full, detail.form, detail.cases])).toEqual([
    [reason, true, 'xlsx', 3],
    [reason, true, 'csv', 3],
    [reason, true, null, 3],
    [reason, false, null, 3],
  ]);
  await auditor.context().close();

  // One asked for another time, one has died; the third could not be reached.
  const open = async (visit: string, name: string) => {
    await page.goto('/patients');
    await page.locator('.p-search input').fill(visit);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name }).click();
    await page.waitForURL(/\/patients\/\d+$/);
  };
  await open('V3002', '孙*华');
  await page.getByRole('textbox', { name: '写备注' }).fill('停电时打过，女儿接，请明天上午再打。');
  await page.getByRole('button', { name: '写备注' }).click();
  await page.getByText('请明天上午再打').last().waitFor();
  await page.getByRole('button', { name: '改约' }).click();
  const tomorrow = new Date(Date.now() + 32 * 3_600_000).toISOString().slice(0, 10);
  await page.getByRole('textbox', { name: '约定时间' }).fill(`${tomorrow} 10:00`);
  await page.keyboard.press('Enter');
  await page.locator('.p-cases b', { hasText: '10:00' }).waitFor();
  await open('V3003', '周*强');
  await choose(page, '设状态', '已去世');
  await page.getByRole('dialog').getByRole('textbox').fill('家属电话告知');
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await page.getByText('已停止一切外呼').first().waitFor();

  await page.goto('/offline-list');
  await page.getByRole('textbox', { name: '用途' }).fill(reason);
  await page.getByRole('button', { name: '生成清单' }).click();
  await rows.first().waitFor();
  expect(await rows.count()).toBe(1);
  expect(await rows.innerText()).toContain('沈*远');
  await page.context().close();
});
