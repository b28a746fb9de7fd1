// What the tests of a file share: the demo night and a browser, and where tonight goes as it is told, a door before the daemon.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type Running, startDemo } from './demo';
import { type Answering, type Front, openFront } from './front';
import { type DemoUser, type Look, openBrowser, openPage, signIn } from './sign-in';

export class Visit {
  #running: Running | undefined;
  #browser: Browser | undefined;
  #front: Front | undefined;

  async begin(tonight?: Answering): Promise<void> {
    this.#running = await startDemo();
    if (tonight !== undefined) {
      this.#front = await openFront(this.#running.demo.url);
      this.#front.answer('/api/tonight/events', tonight);
    }
    this.#browser = await openBrowser();
  }

  async end(): Promise<void> {
    await this.#browser?.close();
    await this.#front?.close();
    await this.#running?.stop();
  }

  get running(): Running {
    return begun(this.#running);
  }

  get users(): readonly DemoUser[] {
    return this.running.demo.users;
  }

  /** Where the console is. */
  get url(): string {
    return this.#front?.url ?? this.running.demo.url;
  }

  /** A page of a new person. */
  page(look: Look = {}, url = this.url): Promise<Page> {
    return openPage(begun(this.#browser), url, look);
  }

  /** A page of somebody of a role who has signed in. */
  async as(role: string, look: Look = {}): Promise<Page> {
    const page = await this.page(look);
    await signIn(page, this.users, role);
    return page;
  }
}

function begun<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('it is there once the tests of the file begin');
  return one;
}

/** The demo night for the tests of this file; `tonight` tells its board in place of the daemon. */
export function visitDemo(tonight?: Answering): Visit {
  const visit = new Visit();
  beforeAll(() => visit.begin(tonight));
  afterAll(() => visit.end());
  return visit;
}
