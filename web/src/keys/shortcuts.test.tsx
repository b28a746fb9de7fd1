import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTyping, nameOf, useShortcuts } from './shortcuts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const pressed = { key: 'a', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe('the name of a key', () => {
  it('is written as the pages write it', () => {
    expect(nameOf({ ...pressed, key: ' ' })).toBe('Space');
    expect(nameOf({ ...pressed, key: 'J', shiftKey: true })).toBe('Shift+J');
    expect(nameOf({ ...pressed, key: '?', shiftKey: true })).toBe('?');
    expect(nameOf({ ...pressed, key: 'Enter', ctrlKey: true })).toBe('Ctrl+Enter');
    expect(nameOf({ ...pressed, key: 'Enter', metaKey: true })).toBe('Ctrl+Enter');
    expect(nameOf({ ...pressed, key: 'ArrowLeft', shiftKey: true })).toBe('Shift+ArrowLeft');
    expect(nameOf({ ...pressed, key: 'C' })).toBe('c');
  });
});

let done: string[] = [];

function Page() {
  const does = ['', ''] as const;
  useShortcuts([
    { keys: 'c', does, run: () => done.push('c') },
    { keys: 'Ctrl+Enter', does, run: () => done.push('sign') },
    { keys: 'F2', does, run: () => done.push('mute') },
    { keys: 'g n', does, run: () => done.push('tonight') },
    { keys: 'n', does, run: () => done.push('new') },
    { keys: 'Enter', does, run: () => done.push('open') },
  ]);
  return (
    <>
      <input aria-label="text" />
      <input type="checkbox" aria-label="box" />
      <button type="button">x</button>
    </>
  );
}

describe('keys of a page', () => {
  let host: HTMLElement;
  let root: ReturnType<typeof createRoot>;

  const press = (key: string, on: Element = document.body, more: KeyboardEventInit = {}) =>
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  const find = (selector: string) => host.querySelector(selector) ?? document.body;

  beforeEach(() => {
    done = [];
    host = document.createElement('div');
    document.body.append(host);
    root = createRoot(host);
    act(() => root.render(<Page />));
  });
  afterEach(() => {
    act(() => root.unmount());
    host.remove();
  });

  it('work anywhere on the page', () => {
    press('c');
    expect(done).toEqual(['c']);
  });

  it('rest while somebody types, but chords and F-keys work', () => {
    press('c', find('input'));
    press('Enter', find('input'), { ctrlKey: true });
    press('F2', find('input'));
    expect(done).toEqual(['sign', 'mute']);
    expect(isTyping(find('input[type=checkbox]'))).toBe(false);
  });

  it('rest while an input method composes', () => {
    press('c', document.body, { isComposing: true });
    expect(done).toEqual([]);
  });

  it('go to a page by g and its letter, without the letter doing its own', () => {
    press('g');
    press('n');
    press('n');
    expect(done).toEqual(['tonight', 'new']);
  });

  it('leave Enter to the button that has the focus', () => {
    press('Enter', find('button'));
    press('Enter');
    expect(done).toEqual(['open']);
  });

  it('are gone with the page', () => {
    act(() => root.render(null));
    press('c');
    expect(done).toEqual([]);
  });
});
