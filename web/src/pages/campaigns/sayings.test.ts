import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expected, type Fault, faults, found, sayFault } from './sayings';

const source = readFileSync('../src/document/wrong.rs', 'utf8');

/** The variants of an enum of the daemon with the names of their fields, without what is said in free words. */
function kinds(name: string): Map<string, string[]> {
  const body = new RegExp(`pub enum ${name} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  const variants = body.matchAll(/\)\]\s+(\w+)(?:\s*\{([^}]*)\})?,/g);
  const snake = (variant = '') => variant.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
  const all = [...variants].map(([, variant, fields = '']): [string, string[]] => [
    snake(variant),
    [...fields.matchAll(/(\w+):/g)].map((field) => field[1] ?? ''),
  ]);
  return new Map(all.filter(([kind]) => kind !== 'said'));
}

const valuesOf = (word: string): string[] => [...word.matchAll(/\{(\w+)\}/g)].map((value) => value[1] ?? '');

describe('the faults of a text', () => {
  it.each([
    ['Wrong', faults],
    ['Expected', expected],
    ['Found', found],
  ])('are said in Chinese, every kind, by values that the daemon gives: %s', (name, words) => {
    const daemons = kinds(name);
    expect(daemons.size).toBeGreaterThan(5);
    expect(Object.keys(words).sort()).toEqual([...daemons.keys()].sort());
    for (const [kind, fields] of daemons) {
      const word = words[kind] ?? '';
      for (const value of valuesOf(word)) expect(fields, `${kind}: ${word}`).toContain(value);
      expect(word, kind).not.toMatch(/[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]/);
    }
  });

  it('name what was found and what was expected, in either language', () => {
    const wrong = {
      kind: 'wrong_type',
      key: 'name',
      found: { kind: 'whole' },
      expected: { kind: 'quoted_text' },
    };
    const fault: Fault = { is_warning: false, line: 1, column: 1, message: 'as the daemon says', wrong };
    expect(sayFault(fault, 'zh')).toBe('`name` 是整数；应为引号中的文字');
    expect(sayFault(fault, 'en')).toBe('as the daemon says');
  });

  it('that this console does not know are said as the daemon says them', () => {
    const wrong = { kind: 'of_tomorrow' };
    const fault: Fault = { is_warning: true, line: 1, column: 1, message: 'as the daemon says', wrong };
    expect(sayFault(fault, 'zh')).toBe('as the daemon says');
  });
});
