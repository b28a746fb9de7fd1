// Keys of a page. Single letters rest while somebody types; chords with Ctrl or Alt and F-keys always work. `g` then a letter goes
// to a page. The list behind `?` is made of what is registered.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Word } from '../i18n';

export interface Shortcut {
  /** As design.md writes it: `/`, `Space`, `Shift+J`, `Ctrl+Enter`, `ArrowLeft`, `g n`. */
  keys: string;
  does: Word;
  run: (event: KeyboardEvent) => void;
}

interface Layer {
  shortcuts: readonly Shortcut[];
}

const layers: Layer[] = [];
const listeners = new Set<() => void>();
let shown: readonly Shortcut[] = [];
let prefix: { key: string; until: number } | null = null;

const PREFIX_MS = 1_200;

function changed(): void {
  shown = layers.flatMap((layer) => layer.shortcuts);
  for (const listener of listeners) listener();
}

/** The name of a pressed key, as shortcuts are written. */
export function nameOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const isLetter = /^[a-zA-Z]$/.test(key);
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  // A sign such as ? already holds its Shift.
  if (event.shiftKey && (isLetter || key.length > 1)) parts.push('Shift');
  parts.push(isLetter ? (event.shiftKey ? key.toUpperCase() : key.toLowerCase()) : key);
  return parts.join('+');
}

const TYPES_NOTHING: readonly string[] = [
  'button',
  'checkbox',
  'radio',
  'submit',
  'reset',
  'range',
  'file',
  'color',
];

/** Whether the keys go into a text now. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  if (target.getAttribute('role') === 'combobox') return true;
  return target instanceof HTMLInputElement && !TYPES_NOTHING.includes(target.type);
}

/** Keys that a focused button, link or menu needs for itself. */
function isControls(name: string, target: EventTarget | null): boolean {
  if (name !== 'Enter' && name !== 'Space') return false;
  return (
    target instanceof HTMLElement &&
    target.closest('button, a[href], summary, [role=button], [role=menuitem]') !== null
  );
}

const worksWhileTyping = (name: string): boolean => /^(Ctrl\+|Alt\+|F\d)/.test(name) || name === 'Escape';

function find(name: string): Shortcut | undefined {
  for (let at = layers.length - 1; at >= 0; at -= 1) {
    const found = layers[at]?.shortcuts.find((shortcut) => shortcut.keys === name);
    if (found) return found;
  }
  return undefined;
}

function isAfterPrefix(name: string): boolean {
  return layers.some((layer) => layer.shortcuts.some((shortcut) => shortcut.keys.startsWith(`${name} `)));
}

/** What a pressed key does; null: nothing of ours. Exported for tests. */
export function chosen(event: KeyboardEvent, now: number): Shortcut | null {
  if (event.isComposing || event.defaultPrevented) return null;
  const name = nameOf(event);
  if (isTyping(event.target) && !worksWhileTyping(name)) return null;
  // A dialog is a layer above the page: the page's keys rest.
  const dialog = document.querySelector('[role=dialog][aria-modal=true]');
  if (dialog !== null && !worksWhileTyping(name)) return null;
  const before = prefix;
  prefix = null;
  if (before !== null && before.until > now) {
    const found = find(`${before.key} ${name}`);
    if (found) return found;
  }
  if (isControls(name, event.target)) return null;
  const found = find(name);
  if (found) return found;
  if (isAfterPrefix(name)) prefix = { key: name, until: now + PREFIX_MS };
  return null;
}

function pressed(event: KeyboardEvent): void {
  const shortcut = chosen(event, event.timeStamp);
  if (shortcut === null) return;
  event.preventDefault();
  shortcut.run(event);
}

/** Registers keys for as long as the component is there; a later layer goes before an earlier one. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map((shortcut) => shortcut.keys).join('\n');
  useEffect(() => {
    const layer: Layer = {
      shortcuts:
        names === ''
          ? []
          : names.split('\n').map((keys, at) => ({
              keys,
              does: latest.current[at]?.does ?? (['', ''] as const),
              run: (event) => latest.current[at]?.run(event),
            })),
    };
    if (layers.length === 0) document.addEventListener('keydown', pressed);
    layers.push(layer);
    changed();
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) document.removeEventListener('keydown', pressed);
      changed();
    };
  }, [names]);
}

/** All keys that work now. */
export function useRegisteredShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => shown,
  );
}
