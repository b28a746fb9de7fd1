// For Playwright's tests against a real daemon: a browser as the console's users have it, and signing in as one of them.
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';

/** A user as `aftercall demo --serve --json` prints them. */
export interface DemoUser {
  name: string;
  password: string;
  role: string;
}

export interface Look {
  theme?: 'day' | 'night';
  language?: 'zh' | 'en';
  width?: number;
  height?: number;
}

const OFFLINE = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: OFFLINE });

/** A page of a new person: nothing kept, the certificate of the daemon's own making taken. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Page> {
  const { theme = 'day', language = 'zh', width = 1366, height = 768 } = look;
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    ignoreHTTPSErrors: true,
    reducedMotion: 'reduce',
  });
  await context.addInitScript(
    ([wanted, spoken]) => {
      localStorage.setItem('aftercall.theme', wanted ?? 'day');
      localStorage.setItem('aftercall.language', spoken ?? 'zh');
    },
    [theme, language],
  );
  const page = await context.newPage();
  watch(page);
  return page;
}

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

/** Whoever has signed in once is signed in on every later page of the same file of tests: a password costs a second each time. */
const signedIn = new Map<string, Cookies>();

/** Signs in as the first user of a role, and waits until the first page of that role is there. */
export async function signIn(page: Page, users: readonly DemoUser[], role: string): Promise<DemoUser> {
  const user = await bring(page, users, role);
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('navigation').first().waitFor();
  return user;
}

/** The same, for those who go to a page of their own next. */
export async function bring(page: Page, users: readonly DemoUser[], role: string): Promise<DemoUser> {
  const user = users.find((one) => one.role === role);
  if (user === undefined) throw new Error(`there is no user of the role ${role}`);
  // By the password, too: each daemon has its own.
  const who = `${user.name} ${user.password}`;
  const cookies = signedIn.get(who);
  if (cookies !== undefined) {
    await page.context().addCookies(cookies);
    return user;
  }
  await page.goto('/');
  await page.locator('input[autocomplete=username]').fill(user.name);
  await page.locator('input[autocomplete=current-password]').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();
  signedIn.set(who, await page.context().cookies());
  return user;
}

/** Requests of a page that are not answered yet, and who wants to know when there are none. */
const asking = new WeakMap<Page, { open: Set<Request>; changed: () => void }>();
/** So long after the last answer nothing more is asked for. */
const QUIET_MS = 250;

function watch(page: Page): void {
  const state = { open: new Set<Request>(), changed: () => {} };
  asking.set(page, state);
  page.on('request', (request) => {
    // What streams is never through, and the heartbeat never ends.
    if (request.resourceType() === 'eventsource' || request.url().endsWith('/api/health')) return;
    state.open.add(request);
    state.changed();
  });
  const over = (request: Request) => {
    if (state.open.delete(request)) state.changed();
  };
  page.on('requestfinished', over);
  page.on('requestfailed', over);
}

/** Waits until the page has been answered all that it asked for, shows it, and has its fonts. */
export async function answered(page: Page): Promise<void> {
  const state = asking.get(page);
  if (state === undefined) throw new Error('the page was not opened by openPage');
  await new Promise<void>((quiet) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    state.changed = () => {
      clearTimeout(timer);
      if (state.open.size === 0) timer = setTimeout(quiet, QUIET_MS);
    };
    state.changed();
  });
  state.changed = () => {};
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
