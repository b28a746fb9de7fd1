// The desk by keyboard: digits answer, Enter goes on, a note triggers nothing, the patient's key does not turn the page.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SESSION, type Session, SessionProvider } from '../../api/session';
import { HeaderSlot } from '../../shell/header';
import type { AnswerNow, DeskPage, Door, Talk } from './api';
import { expecting } from './form';
import { DeskBody } from './index';
import { sampleIdle, samplePage, sampleTalk, withTalk } from './sample';
import { DeskProvider } from './useDesk';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

// The first page drawn loads all of its parts: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 30_000 });

class Stream extends EventTarget {
  static last: Stream | null = null;
  static readonly CLOSED = 2;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Stream.last = this;
  }
  close() {
    this.readyState = 2;
  }
  tell(event: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

const session = {
  person: { id: 4, name: '李文静', role: 'agent' },
  grants: { call: 'own', listen: 'own', see_patients: 'all', reveal: 'all', repair_numbers: 'all' },
  csrf: 'x',
  password_due: false,
  until_at: '2026-11-20T20:00:00.000Z',
  hospital: '云溪市人民医院',
  zone: 'Asia/Shanghai',
  version: '0',
} as unknown as Session;

/** What the daemon would make of an answer: the next question opens. */
const answered = (page: DeskPage, answer: AnswerNow): DeskPage => {
  const talk = page.conversation as Talk;
  const form = expecting(talk.form, answer, page.at);
  const at = form.steps.findIndex((step) => step.id === form.open);
  const next = form.steps.slice(at + 1).find((step) => step.kind !== 'message');
  const isOpen = answer.question === form.open;
  return {
    ...page,
    conversation: {
      ...talk,
      form: isOpen
        ? { ...form, open: next?.id ?? null, path: next === undefined ? form.path : [...form.path, next.id] }
        : form,
    },
  };
};

let page: DeskPage;
let said: [string, ...unknown[]][];
let root: ReturnType<typeof createRoot>;
let host: HTMLElement;

const stub = (name: string) =>
  vi.fn(async (...args: unknown[]) => {
    said.push([name, ...args]);
    return page;
  });

const fakeDoor = (): Door =>
  new Proxy({} as Door, {
    get(_, name: string) {
      if (name === 'read') return async () => page;
      if (name === 'answer') {
        return async (talk: number, answer: AnswerNow) => {
          said.push(['answer', talk, answer]);
          page = answered(page, answer);
          return page;
        };
      }
      return stub(name);
    },
  });

const settle = () => act(async () => void (await new Promise((done) => setTimeout(done, 0))));

async function open(shown: DeskPage): Promise<void> {
  page = shown;
  said = [];
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  queries.setQueryData(SESSION, session);
  const door = fakeDoor();
  await act(async () => {
    root.render(
      <QueryClientProvider client={queries}>
        <MemoryRouter>
          <SessionProvider>
            <HeaderSlot.Provider value={host}>
              <DeskProvider door={door}>
                <DeskBody />
              </DeskProvider>
            </HeaderSlot.Provider>
          </SessionProvider>
        </MemoryRouter>
      </QueryClientProvider>,
    );
  });
  await settle();
}

const press = async (key: string, on: Element = document.body, more: KeyboardEventInit = {}) => {
  await act(async () => {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  });
  await settle();
};
const sentence = () => host.querySelector('.dk-say h2')?.textContent ?? '';
const answers = () => said.filter(([name]) => name === 'answer').map(([, , answer]) => answer);

beforeEach(() => {
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('fetch', () => new Promise(() => {}));
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
});
afterEach(() => {
  act(() => root.unmount());
  host.remove();
  vi.unstubAllGlobals();
});

describe('the desk in a talk', () => {
  it('answers by digit, goes on by Enter, and names the talk in every order', async () => {
    await open(samplePage);
    expect(sentence()).toBe('您到医院复查了吗？');
    await press('2');
    expect(said).toEqual([['answer', 5012, { question: 'recheck', value: 2 }]]);
    expect(sentence()).toBe('您到医院复查了吗？');
    await press('Enter');
    expect(sentence()).toBe('医生的解释您听得明白吗？');
    await press('1');
    await press('Enter');
    await press('9');
    expect(answers()).toEqual([
      { question: 'recheck', value: 2 },
      { question: 'doctor', value: 1 },
      { question: 'advice', value: 9 },
    ]);
  });

  it('refuses a question by Alt R and goes back by Alt left', async () => {
    await open(samplePage);
    await press('r', document.body, { altKey: true });
    expect(answers()).toEqual([{ question: 'recheck' }]);
    await press('ArrowLeft', document.body, { altKey: true });
    expect(sentence()).toContain('伤口还疼不疼');
  });

  it('plays what the patient has left as a message, once that is asked for', async () => {
    await open(samplePage);
    expect(host.querySelector('audio')).toBeNull();
    const play = host.querySelector<HTMLButtonElement>('.dk-messages button');
    expect(play?.textContent).toContain('17');
    await act(async () => play?.click());
    expect(host.querySelector('audio')?.getAttribute('src')).toBe('/api/call-backs/61/audio');
  });

  it('does nothing of all that while a note is written', async () => {
    await open(samplePage);
    const note = host.querySelector('textarea');
    expect(note).not.toBeNull();
    if (note === null) return;
    for (const key of ['1', '2', 'x', ']', 'Enter', 'g', 'a']) await press(key, note);
    expect(said).toEqual([]);
    expect(sentence()).toBe('您到医院复查了吗？');
  });

  it('takes the patient’s own key for the question shown, with its source, and does not turn the page', async () => {
    await open(samplePage);
    const { id, state, state_since_at, attempt_id, agent_leg, patient_leg, third_leg } = sampleTalk;
    const legs = { id, state, state_since_at, attempt_id, agent_leg, patient_leg, third_leg };
    const told = { ...legs, recording: 'on', refusal: null, keys: '211' };
    act(() => Stream.last?.tell('change', { at: page.at, conversation: told }));
    await settle();
    expect(answers()).toEqual([{ question: 'recheck', value: 1, key_seq: 3 }]);
    expect(sentence()).toBe('您到医院复查了吗？');
    expect(host.querySelector('.dk-option.is-chosen')?.textContent).toContain('患者按键');
    expect(host.querySelector('.dk-nav')?.textContent).toContain('下一题：医生');
    // Told again, as to a second tab that has answered already, it is no further answer.
    act(() => Stream.last?.tell('change', { at: page.at, conversation: told }));
    await settle();
    expect(answers()).toHaveLength(1);
  });

  it('mutes by F2 even while somebody types, and says so', async () => {
    await open(samplePage);
    await press('F2', host.querySelector('textarea') ?? document.body);
    expect(said).toEqual([['mute', 5012]]);
    const { id, state, state_since_at, attempt_id, agent_leg, patient_leg, third_leg } = sampleTalk;
    const legs = { id, state, state_since_at, attempt_id, agent_leg, patient_leg, third_leg };
    const told = { ...legs, recording: 'on', refusal: null, keys: sampleTalk.keys, is_muted: true };
    act(() => Stream.last?.tell('change', { at: page.at, conversation: told }));
    await settle();
    expect(host.querySelector('.dk-leg-agent .dk-leg-state')?.textContent).toBe('已静音');
    await press('F2', host.querySelector('textarea') ?? document.body);
    expect(said.at(-1)).toEqual(['unmute', 5012]);
  });

  it('holds by F4 even while somebody types', async () => {
    await open(samplePage);
    await press('F4', host.querySelector('textarea') ?? document.body);
    expect(said).toEqual([['hold', 5012]]);
  });

  it('says what is missing, and does not submit by Ctrl Enter before it is there', async () => {
    await open(samplePage);
    expect(host.querySelector('.dk-missing')?.textContent).toBe('答完剩余 3 题后才可选“完成”');
    await press('Enter', document.body, { ctrlKey: true });
    expect(said).toEqual([]);
  });

  it('submits the outcome with its cause, settles it, and takes the next', async () => {
    const patient_leg = {
      state: 'ended' as const,
      since_at: null,
      ending: { end: 'hung_up', words: { zh: '', en: '' }, status: null, q850: null, talk_ms: 134_000 },
    };
    await open(withTalk({ state: 'ended', patient_leg }, 'wrapping_up'));
    const choose = async (label: string) => {
      const button = [...host.querySelectorAll('button')].find((one) => one.textContent === label);
      await act(async () => button?.click());
    };
    await choose('拒访');
    expect(host.querySelector('.dk-missing')?.textContent).toBe('请选原因');
    await choose('没有时间');
    expect(host.querySelector('.dk-missing')).toBeNull();
    await press('Enter', document.body, { ctrlKey: true });
    await settle();
    expect(said[0]).toEqual(['outcome', 5012, { outcome: 'refused', cause: '没有时间' }]);
    expect(said[1]).toEqual(['wrapUpDone', 5012]);
  });
});

describe('both legs', () => {
  it('each say their own state, and nothing says that they talk before both are up', async () => {
    await open(
      withTalk({
        state: 'ended',
        patient_leg: {
          state: 'ended',
          since_at: null,
          ending: {
            end: 'unreachable',
            words: { zh: '患者侧：480 关机（播报）', en: 'Patient: 480 powered off (announcement)' },
            status: 480,
            q850: 20,
            talk_ms: null,
          },
        },
      }),
    );
    const bar = host.querySelector('.dk-bar')?.textContent ?? '';
    expect(bar).toContain('患者侧：480 关机（播报）');
    expect(bar).not.toContain('通话中');
  });
});

describe('a call that a rule refused', () => {
  it('says the rule, and puts the same case before the agent anew', async () => {
    const refusal = {
      rule: 'window_closed',
      words: { zh: '此类号码当前时段不可呼叫', en: 'not now' },
      until_at: '2026-11-21T00:00:00.000Z',
      is_grantable: true,
    };
    await open(withTalk({ state: 'ended', patient_leg: null, refusal }, 'wrapping_up'));
    const banner = host.querySelector('.dk-refused')?.textContent ?? '';
    expect(banner).toContain('此类号码当前时段不可呼叫');
    expect(banner).toContain('11-21 08:00');
    // Who may not let it pass has no button for it.
    expect(banner).not.toContain('按权限放行');
    const button = [...host.querySelectorAll('button')].find((one) => one.textContent?.includes('再呼一次'));
    await act(async () => button?.click());
    await settle();
    expect(said).toEqual([
      ['wrapUpDone', 5012],
      ['pick', 391],
    ]);
  });
});

describe('the preview', () => {
  const idle: DeskPage = {
    ...sampleIdle,
    given_back: { case_id: 391, name: '孙*华', at: '2026-11-20T11:26:25.000Z' },
  };
  const preview = () =>
    withTalk(
      {
        state: 'previewing',
        agent_leg: null,
        patient_leg: null,
        recording: 'off',
        preview_until_at: '2026-11-20T11:26:25.000Z',
      },
      'previewing',
    );

  it('dials by Enter and takes no answer', async () => {
    await open(preview());
    await press('1');
    expect(said).toEqual([]);
    await press('Enter');
    expect(said).toEqual([['dial', 5012, {}]]);
  });

  it('offers no call once its time is over, says that the case goes back, and asks until it has', async () => {
    const over = preview();
    await open({ ...over, at: '2026-11-20T11:26:25.000Z' });
    expect(host.textContent).not.toContain('立即拨');
    expect(host.querySelector('.dk-bar')?.textContent).toContain('正在放回个案');
    await press('Enter');
    await press('x');
    expect(said).toEqual([]);
    page = { ...idle, at: '2026-11-20T11:26:26.000Z' };
    await vi.waitFor(async () => {
      await settle();
      expect(host.querySelector('.dk-idle')?.textContent).toContain('孙*华的个案已放回队列，不计次数');
    }, 5_000);
    await press('Enter');
    expect(said).toEqual([['next']]);
  });

  it('takes the case again by the one action there is, where nobody else waits', async () => {
    await open({ ...idle, upcoming: [] });
    expect(host.querySelectorAll('.dk-idle button')).toHaveLength(1);
    await press('Enter');
    expect(said).toEqual([['pick', 391]]);
  });

  it('starts nothing by being looked at, in however many tabs', async () => {
    await open(preview());
    await open(preview());
    expect(said).toEqual([]);
    expect(host.textContent).toContain('立即拨');
  });
});

describe('a broken stream', () => {
  it('keeps what it shows', async () => {
    await open({ ...samplePage, conversation: sampleTalk });
    act(() => Stream.last?.onerror?.());
    await settle();
    expect(host.textContent).toContain('孙美华');
  });
});

describe('a desk that is open in too many tabs', () => {
  it('makes way with a word, and comes back when it is asked to', async () => {
    await open(samplePage);
    const first = Stream.last;
    await act(async () => void first?.dispatchEvent(new Event('elsewhere')));
    expect(first?.readyState).toBe(Stream.CLOSED);
    expect(host.textContent).toContain('不再更新');
    expect(Stream.last).toBe(first);
    const back = [...host.querySelectorAll('button')].find((one) => one.textContent === '在这里继续');
    await act(async () => back?.click());
    await settle();
    expect(Stream.last).not.toBe(first);
    expect(host.textContent).not.toContain('不再更新');
  });
});

describe('a sign-in that is about to end', () => {
  it('is told in good time', async () => {
    await open(samplePage);
    expect(host.textContent).not.toContain('本次登录');
    await open({ ...samplePage, at: '2026-11-20T19:41:00.000Z' });
    expect(host.textContent).toContain('本次登录');
  });
});
