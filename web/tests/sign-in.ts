// For Playwright's tests against a real daemon: a browser as the console's users have it, and signing in as one of them.
import { type Browser, chromium, type Page } from 'playwright-core';

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
  return context.newPage();
}

/** Signs in as the first user of a role, and waits until the first page of that role is there. */
export async function signIn(page: Page, users: readonly DemoUser[], role: string): Promise<DemoUser> {
  const user = users.find((one) => one.role === role);
  if (user === undefined) throw new Error(`there is no user of the role ${role}`);
  await page.goto('/');
  await page.locator('input[autocomplete=username]').fill(user.name);
  await page.locator('input[autocomplete=current-password]').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('navigation').first().waitFor();
  return user;
}
