// An hour at the desk, walked through in real browsers against a real daemon with real phones and patients behind a trunk; what is
// on record afterwards is judged by tests/agents/hour.rs, which starts all of it. Each test goes on where the one before ended.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Look, openBrowser, openPage } from './sign-in';

interface User {
  /** What is typed to sign in. */
  name: string;
  person: string;
  password: string;
}

interface Hour {
  url: string;
  li: User;
  wang: User;
  /** Nobody picks up this one's phone. */
  zhao: User;
  chen: User;
  patients: { name: string; patient: string; case: string }[];
  shots: string;
}

const given = process.env.AFTERCALL_HOUR;
if (given === undefined) throw new Error('started by: cargo test --test agents hour');
const hour = JSON.parse(given) as Hour;
mkdirSync(hour.shots, { recursive: true });

let browser: Browser;
let li: Page;
let chen: Page;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
});

/** What stood on the screens when something was not as it should be. */
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const pages = browser.contexts().flatMap((context) => context.pages());
  await Promise.all(pages.map((page, at) => shoot(page, `failed-${at}`)));
});

/** A phone rings, a patient answers, a page hears of it: on a busy machine too. */
const SOON = { timeout: 20_000 };

const shoot = async (page: Page, name: string) => {
  await page.screenshot({ path: join(hour.shots, `${name}.png`), animations: 'disabled' });
};

/** Somebody at a browser of their own, signed in; the first page of the role is there. */
async function comes(user: User, look: Look = {}): Promise<Page> {
  const page = await openPage(browser, hour.url, look);
  page.setDefaultTimeout(20_000);
  await page.goto('/');
  await page.locator('input[autocomplete=username]').fill(user.name);
  await page.locator('input[autocomplete=current-password]').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();
  return page;
}

const patient = (name: string) => {
  const found = hour.patients.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

const shows = (page: Page, name: string) => page.locator('.dk-patient h2', { hasText: name }).waitFor(SOON);
const leg = (page: Page, side: 'agent' | 'patient') => page.locator(`.dk-leg-${side} .dk-leg-state`);
const says = (where: Locator, text: string | RegExp) => where.filter({ hasText: text }).waitFor(SOON);
const asks = (page: Page, text: string) => says(page.locator('.dk-say h2'), text);
const click = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const bothTalk = async (page: Page) => {
  await says(leg(page, 'patient'), '通话中');
  await says(leg(page, 'agent'), '已接通');
};
/** What the daemon itself says of the desk of whoever sits at this page. */
const desk = async (page: Page) =>
  (await (await page.request.get('/api/desk')).json()) as {
    conversation: { id: number; attempt_id: number | null; state: string; classified: string | null } | null;
  };

/** The end of the call is written down: what came of it can be said. */
async function isWritten(page: Page): Promise<void> {
  await expect
    .poll(async () => (await desk(page)).conversation?.classified ?? null, { timeout: 20_000 })
    .not.toBeNull();
}

/** No control of the page is cut, and nothing scrolls it. */
async function fits(page: Page): Promise<void> {
  const faults = await page.evaluate(() => {
    const found: string[] = [];
    const main = document.querySelector('main');
    if (main && main.scrollHeight > main.clientHeight + 1) found.push('the page scrolls');
    for (const button of document.querySelectorAll<HTMLElement>('main button')) {
      if (button.offsetParent === null || button.closest('.dk-steps')) continue;
      if (button.scrollWidth > button.clientWidth + 1) found.push(`cut: ${button.textContent}`);
    }
    return found;
  });
  expect(faults).toEqual([]);
}

test('ready, the case on the screen before the ring, and both legs as they are', async () => {
  li = await comes(hour.li);
  await li.waitForURL('**/desk');
  await says(li.locator('.dk-phone'), '8001');
  await says(li.locator('.dk-phone'), '已注册');
  await click(li, /^就绪/);
  await says(li.locator('.dk-upnext, .dk-right').first(), '孙*华');
  await says(li.locator('.dk-idle'), '取下一个个案');
  await shoot(li, 'hour-ready-day-zh');
  await click(li, /^取下一个个案/);

  await shows(li, '孙美华');
  // The preview's time runs, nobody is called, and everything about the patient is there already.
  await says(li.locator('.dk-bar'), '预览剩余');
  expect(await leg(li, 'agent').textContent()).toContain('未呼叫');
  await says(li.locator('.dk-numbers'), '女儿');
  await says(li.locator('.dk-patient'), '右股骨颈骨折术后');
  await fits(li);
  await shoot(li, 'hour-preview-day-zh');

  await click(li, /立即拨/);
  await says(leg(li, 'agent'), '已接通');
  await says(leg(li, 'patient'), /振铃中|回铃|正在呼叫|通话中/);
  await bothTalk(li);
  expect(await li.locator('.dk-bridge.is-up').count()).toBe(1);
});

test('the form by click and by the patient’s own key, each way that an answer leads', async () => {
  await click(li, /^读完了/);
  await li.locator('.dk-option', { hasText: '患者本人' }).click();
  await click(li, /^下一题/);
  await click(li, /^读完了/);
  await asks(li, '恢复得怎么样');
  // The patient presses 4 once the agent has spoken.
  const chosen = li.locator('.dk-option.is-chosen');
  await chosen.filter({ hasText: '比出院时加重' }).waitFor({ timeout: 40_000 });
  expect(await chosen.textContent()).toContain('患者按键');
  await fits(li);
  await shoot(li, 'hour-key-day-zh');
  await click(li, /^下一题/);
  // Somebody worse is told to come to the hospital.
  await asks(li, '请您尽快到医院就诊');
  await click(li, /^读完了/);
  await asks(li, '按照医嘱服药');
  await li.locator('.dk-option', { hasText: '有时漏服' }).click();
  await click(li, /^下一题/);
  await asks(li, '不要自己停药');
  await click(li, /^读完了/);
  await li.locator('.dk-option', { hasText: '已经复查' }).click();
  await click(li, /^下一题/);
  await asks(li, '满意');

  // What is sensitive is not recorded.
  await click(li, /^暂停录音/);
  await says(li.locator('.dk-bar'), '录音已暂停');
  await click(li, /^恢复录音/);
  await says(li.locator('.dk-bar'), '录音中');
});

test('a note, a ticket, the hang-up, and the outcome that is asked for', async () => {
  await li.locator('.dk-notes textarea').fill('女儿下周一陪同复诊。希望电话里讲慢一点。');
  await says(li.locator('.dk-notes'), '已保存');
  await click(li, /^开问题件/);
  const dialog = li.getByRole('dialog');
  await dialog.locator('textarea').fill('恢复比出院时差，请主管医生今天回电。');
  await shoot(li, 'hour-ticket-day-zh');
  await dialog.getByRole('button', { name: '开问题件' }).click();
  await says(li.locator('.dk-tickets'), '请主管医生今天回电');

  // Completed is locked while a question is owed.
  const completed = li.locator('.dk-grid button', { hasText: '完成' }).first();
  expect(await completed.getAttribute('aria-disabled')).toBe('true');
  await says(li.locator('.dk-missing'), '答完剩余 1 题');
  await li.locator('.dk-option', { hasText: /^1满意/ }).click();
  await click(li, /^(下一题|去选结论)/);
  await asks(li, '问卷答完了');

  await click(li, /挂断$/);
  await says(li.locator('.dk-bar'), '整理剩余');
  await says(li.locator('.dk-missing'), '请选结论');
  await isWritten(li);
  await completed.click();
  await shoot(li, 'hour-wrap-up-day-zh');
  await li.keyboard.press('Control+Enter');
});

test('a second patient is busy: the screen names the side and the cause', async () => {
  await shows(li, '周国强');
  await li.locator('h1').click();
  await li.keyboard.press('Enter');
  await says(leg(li, 'patient'), '患者侧：486 占线');
  expect(await leg(li, 'agent').textContent()).not.toContain('486');
  await says(li.locator('.dk-line-said'), '占线');
  await fits(li);
  await shoot(li, 'hour-busy-day-zh');
  await click(li, /^提交并取下一个个案/);
});

test('a wrong number goes to repair, and a break with its reason follows', async () => {
  await shows(li, '郑建民');
  await click(li, /立即拨/);
  await bothTalk(li);
  await click(li, /^读完了/);
  await li.locator('.dk-option', { hasText: '打错了' }).click();
  await click(li, /^去选结论/);
  // The break is asked for in the call, and begins after it.
  await click(li, /^话后小休/);
  await li.getByRole('menuitem').first().click();
  await li.locator('.tag', { hasText: '话后小休' }).waitFor();
  await click(li, /挂断$/);
  await says(li.locator('.dk-bar'), '整理剩余');
  await isWritten(li);
  await li.locator('.dk-grid button', { hasText: '错号' }).click();
  await says(li.locator('.dk-outcome'), '这个号码会送去号码修复');
  await shoot(li, 'hour-wrong-number-day-zh');
  await click(li, /^提交/);
  await says(li.locator('.dk-idle'), '小休中');
  await shoot(li, 'hour-break-day-zh');

  const found = patient('郑建民');
  await li.goto('/number-repair');
  await li
    .getByRole('link', { name: /郑\*民/ })
    .first()
    .click();
  await li.waitForURL(`**/patients/${found.patient}`);
  await click(li, '添加号码');
  const dialog = li.getByRole('dialog');
  await dialog.locator('input').first().fill('13800010093');
  await shoot(li, 'hour-repair-day-zh');
  await dialog.locator('.ant-btn-primary').click();
  await dialog.waitFor({ state: 'hidden' });
  await says(li.locator('main'), '138****0093');
});

test('another agent does all of it without a mouse', async () => {
  const page = await openPage(browser, hour.url, { theme: 'night' });
  page.setDefaultTimeout(20_000);
  const keys = page.keyboard;
  await page.goto('/');
  await page.locator('input[autocomplete=username]').waitFor();
  await tabTo(page, 'input[autocomplete=username]');
  await keys.type(hour.wang.name);
  await tabTo(page, 'input[autocomplete=current-password]');
  await keys.type(hour.wang.password);
  await keys.press('Enter');
  await page.waitForURL('**/desk');
  await says(page.locator('.dk-idle button'), '就绪');
  await keys.press('Enter');
  await says(page.locator('.dk-idle button'), '取下一个个案');
  await keys.press('Enter');
  await shows(page, '吴秀英');
  await keys.press('Enter');
  await bothTalk(page);

  await keys.press('Enter');
  await asks(page, '患者本人');
  await keys.press('1');
  await keys.press('Enter');
  await asks(page, '只占用您一两分钟');
  await keys.press('Enter');
  for (const [question, digit] of [
    ['恢复得怎么样', '1'],
    ['按照医嘱服药', '1'],
    ['复查了吗', '2'],
  ] as const) {
    await asks(page, question);
    await keys.press(digit);
    await keys.press('Enter');
  }
  await asks(page, '满意');

  await keys.press('F2');
  await says(leg(page, 'agent'), '已静音');
  await shoot(page, 'hour-muted-night-zh');
  await keys.press('F2');
  await says(leg(page, 'agent'), '已接通');
  await keys.press('F4');
  await says(leg(page, 'patient'), '保持');
  await keys.press('F4');
  await says(leg(page, 'patient'), '通话中');

  // What is typed into the note is text and nothing else.
  await keys.press('Alt+n');
  await keys.type('家属在旁协助接听。');
  await says(page.locator('.dk-notes'), '已保存');
  expect(await page.locator('.dk-notes textarea').inputValue()).toBe('家属在旁协助接听。');
  // Back to the form.
  await keys.press('Escape');
  await keys.press('1');
  await says(page.locator('.dk-option.is-chosen'), '满意');
  await keys.press('Enter');
  await asks(page, '问卷答完了');

  await keys.down('Escape');
  await says(page.locator('.dk-bar'), '整理剩余');
  await keys.up('Escape');
  await isWritten(page);
  await keys.press('Alt+o');
  await focusIs(page, '完成');
  await keys.press('Space');
  expect(await page.locator('.dk-grid button[aria-pressed=true]').textContent()).toContain('完成');
  await shoot(page, 'hour-keyboard-night-zh');
  // A break follows.
  await keys.press('Alt+p');
  await page.getByRole('menuitem').first().waitFor();
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await page.locator('.tag', { hasText: '话后小休' }).waitFor();
  await keys.press('Control+Enter');
  await says(page.locator('.dk-idle'), '小休中');
  await page.context().close();
});

/** Puts a patient's case before whoever sits at the page, by the patient's own page. */
async function picks(page: Page, name: string): Promise<void> {
  await page.goto('/desk');
  await click(page, /^就绪/);
  await says(page.locator('.dk-idle'), '取下一个个案');
  await page.goto(`/patients/${patient(name).patient}`);
  await click(page, /^呼叫/);
  await page.waitForURL('**/desk');
  await shows(page, name);
}

test('a phone that nobody picks up, a patient who is switched off: each leg says its own, and nothing says success', async () => {
  const zhao = await comes(hour.zhao);
  await picks(zhao, '罗建华');
  await click(zhao, /立即拨/);
  await says(leg(zhao, 'agent'), '振铃中');
  expect(await leg(zhao, 'patient').textContent()).toContain('未呼叫');

  await picks(li, '何秀兰');
  await click(li, /立即拨/);
  await says(leg(li, 'patient'), '回铃或播报');
  expect(await leg(li, 'agent').textContent()).toContain('已接通');
  expect(await li.locator('.dk-bridge.is-up').count()).toBe(0);
  await says(leg(li, 'patient'), '患者侧：480 关机');
  expect(await leg(li, 'agent').textContent()).not.toContain('480');
  expect(await li.locator('.dk-bridge.is-up').count()).toBe(0);
  await says(li.locator('.dk-line-said'), '关机');
  await fits(li);
  await shoot(li, 'hour-powered-off-day-zh');
  await click(li, /^话后小休/);
  await li.getByRole('menuitem').first().click();
  await li.locator('.tag', { hasText: '话后小休' }).waitFor();
  await click(li, /^提交/);
  await says(li.locator('.dk-idle'), '小休中');

  await says(leg(zhao, 'agent'), '坐席侧：无人接听');
  expect(await leg(zhao, 'patient').textContent()).toContain('未呼叫');
  expect(await zhao.locator('.dk-bridge.is-up').count()).toBe(0);
  await says(zhao.locator('.dk-refused'), '没有呼叫患者');
  await fits(zhao);
  await shoot(zhao, 'hour-agent-no-answer-day-zh');
  await zhao.context().close();
});

test('the patient’s page leads to the desk with that case; two tabs show one call and start nothing twice', async () => {
  await picks(li, '冯桂芝');

  const second = await li.context().newPage();
  second.setDefaultTimeout(20_000);
  await second.goto('/desk');
  await shows(second, '冯桂芝');
  const before = await desk(li);
  // A doubled click, in both tabs.
  await Promise.all(
    [li, second].map((tab) =>
      tab.evaluate(() => {
        const dial = document.querySelector<HTMLButtonElement>('.dk-dial');
        dial?.click();
        dial?.click();
      }),
    ),
  );
  await bothTalk(li);
  await bothTalk(second);
  const [one, two] = [await desk(li), await desk(second)];
  expect(one.conversation?.id).toBe(before.conversation?.id);
  expect(two.conversation).toMatchObject({
    id: one.conversation?.id,
    attempt_id: one.conversation?.attempt_id,
  });
  await second.close();
});

test('a supervisor listens, and it is written down', async () => {
  chen = await comes(hour.chen, { language: 'en' });
  await chen.goto('/floor');
  const row = chen.locator('tr', { hasText: '李文静' });
  await says(row, 'Talking');
  await shoot(chen, 'hour-floor-day-en');
  await row.getByRole('button', { name: /Listen/ }).click();
  await chen.getByRole('dialog').locator('.ant-btn-primary').click();
  await row.getByRole('button', { name: /Stop/ }).waitFor(SOON);
  await shoot(chen, 'hour-listening-day-en');
});

test('a browser that is closed in mid-call loses nothing: the call is still there', async () => {
  const before = await desk(li);
  await li.context().close();
  li = await comes(hour.li, { width: 1024 });
  await shows(li, '冯桂芝');
  await bothTalk(li);
  const after = await desk(li);
  expect(after.conversation).toMatchObject({
    id: before.conversation?.id,
    attempt_id: before.conversation?.attempt_id,
    state: 'talking',
  });
  // At this width the right column is a drawer.
  expect(await li.locator('.dk-notes').isVisible()).toBe(false);
  await li.keyboard.press(']');
  await li.locator('.dk-notes').waitFor();
  await shoot(li, 'hour-drawer-day-zh');
  await li.keyboard.press(']');
  await li.locator('.dk-notes').waitFor({ state: 'hidden' });

  await click(li, /^本人不便/);
  const dialog = li.getByRole('dialog');
  await dialog.getByRole('button', { name: '明天 10:00' }).click();
  await shoot(li, 'hour-call-back-day-zh');
  await dialog.locator('.ant-btn-primary').click();
  await dialog.waitFor({ state: 'hidden' });
  await click(li, /挂断$/);
  await says(li.locator('.dk-bar'), '整理剩余');
  await isWritten(li);
  await li.keyboard.press('Alt+o');
  await li.locator('.dk-grid button[aria-pressed=true]', { hasText: /预约|约定/ }).waitFor();
  await li.request.post('/api/desk/away', { headers: await token(li), data: {} });
  await li.getByText('话后离席').waitFor(SOON);
  await li.keyboard.press('Control+Enter');
  await li.locator('.dk-idle').waitFor(SOON);

  // An agent's calls are the agent's own to find, and nobody else's.
  await li.goto('/recordings');
  await li.getByText('冯*芝').first().waitFor(SOON);
  expect(await li.locator('body').textContent()).not.toContain('吴*英');
  await li.context().close();
});

test('the tickets wait for whoever closes them, who says what was done', async () => {
  await chen.goto('/tickets');
  const row = chen.locator('[role=row]', { hasText: '请主管医生今天回电' });
  await row.waitFor();
  await shoot(chen, 'hour-tickets-day-en');
  await row.getByRole('button', { name: 'Close' }).click();
  const dialog = chen.getByRole('dialog');
  await dialog.locator('input, textarea').first().fill('高医生 15:20 回电，已安排复诊。');
  await dialog.locator('.ant-btn-primary').click();
  await row.waitFor({ state: 'hidden' });
  const { violations } = await new AxeBuilder({ page: chen }).analyze();
  const serious = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  expect(serious.map((one) => one.id)).toEqual([]);
  await chen.context().close();
});

/** What a page sends with what it orders. */
async function token(page: Page): Promise<Record<string, string>> {
  const { csrf } = (await (await page.request.get('/api/session')).json()) as { csrf: string };
  return { 'x-csrf-token': csrf, origin: hour.url };
}

/** Goes along the page by Tab until what is wanted has the focus. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let stop = 0; stop < 60; stop += 1) {
    if (await page.evaluate((one) => document.activeElement?.matches(one) ?? false, wanted)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${wanted}`);
}

/** Waits until a control of these words has the focus. */
const focusIs = (page: Page, text: string) =>
  page.waitForFunction((one) => document.activeElement?.textContent?.includes(one) ?? false, text);
