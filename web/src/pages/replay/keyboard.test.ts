// The keys of the page: each once, all that the design names, none that the scorecard needs.
import { describe, expect, it } from 'vitest';
import { BINDINGS, neighbourOf, nextSpeed } from './keyboard';

const keys = BINDINGS.map((binding) => binding.keys);

describe('the keys', () => {
  it('are bound once', () => {
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are those of the design', () => {
    for (const key of [
      'Space',
      'ArrowLeft',
      'Shift+ArrowRight',
      'ArrowUp',
      'ArrowDown',
      ',',
      '.',
      'a',
      's',
      'd',
      '-',
      '=',
      'l',
      'c',
      'x',
      'Shift+J',
      'Shift+K',
      'Home',
      'End',
      'Escape',
      ']',
    ])
      expect(keys).toContain(key);
  });

  it('leave digits and signing to the scorecard', () => {
    for (const key of ['1', '2', '3', '4', '5', 'Ctrl+Enter']) expect(keys).not.toContain(key);
  });
});

describe('speed', () => {
  it('goes through all steps and stops at the ends', () => {
    expect(nextSpeed(1, 'faster')).toBe(1.25);
    expect(nextSpeed(1, 'slower')).toBe(0.75);
    expect(nextSpeed(2, 'faster')).toBe(2);
    expect(nextSpeed(0.75, 'slower')).toBe(0.75);
  });
});

describe('rows', () => {
  it('begin at the first or the last, and stop at the ends', () => {
    const rows = ['a', 'b', 'c'];
    expect(neighbourOf(rows, null, 'next')).toBe('a');
    expect(neighbourOf(rows, null, 'previous')).toBe('c');
    expect(neighbourOf(rows, 'a', 'next')).toBe('b');
    expect(neighbourOf(rows, 'c', 'next')).toBe('c');
    expect(neighbourOf([], null, 'next')).toBeNull();
  });
});
