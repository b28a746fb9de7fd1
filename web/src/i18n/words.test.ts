import { describe, expect, it } from 'vitest';
import { say, type Word, type Words } from './words';

const modules = import.meta.glob<Record<string, unknown>>(
  [
    '../**/*ords.ts',
    '../**/names.ts',
    '../**/deeds.ts',
    '../**/keyboard.ts',
    '../components/dispositions.ts',
    '../components/CallState.tsx',
    '../routes.tsx',
    '!../i18n/words.ts',
  ],
  { eager: true },
);

const isWord = (value: unknown): value is Word =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

function collect(value: unknown, path: string, found: Map<string, Word>): void {
  if (isWord(value)) found.set(path, value);
  else if (Array.isArray(value))
    for (const [at, part] of value.entries()) collect(part, `${path}[${at}]`, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value as Words)) collect(part, `${path}.${key}`, found);
  }
}

const all = new Map<string, Word>();
for (const [file, module] of Object.entries(modules)) {
  // A page that keeps its languages apart (objects of one type) is held complete by the compiler alone.
  if (!('zh' in module && 'en' in module)) collect(module, file, all);
}

/** What a page that keeps its languages apart says: functions are asked with samples of what they take. */
function texts(value: unknown, path: string, found: Map<string, string>): Map<string, string> {
  if (typeof value === 'string') found.set(path, value);
  else if (typeof value === 'function') {
    try {
      texts((value as (...given: unknown[]) => unknown)(3, 4, 5), path, found);
    } catch {
      texts((value as (...given: unknown[]) => unknown)('3', '4', '5'), path, found);
    }
  } else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) texts(part, `${path}.${key}`, found);
  return found;
}

const apart = Object.entries(modules).filter(([, module]) => 'zh' in module && 'en' in module);

const isHalfWidth = (zh: string): boolean =>
  /[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\w)|[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]/.test(
    zh,
  );

const names = (text: string) => new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]));
const CHINESE = /[\u4e00-\u9fff]/;

describe('words', () => {
  it('are found', () => {
    expect(all.size).toBeGreaterThan(100);
  });

  it('are said in both languages', () => {
    for (const [path, [zh, en]] of all) {
      expect(zh.trim(), path).not.toBe('');
      expect(en.trim(), path).not.toBe('');
    }
  });

  it('hold no Chinese in English, but for what is Chinese in both', () => {
    for (const [path, [zh, en]] of all) expect(CHINESE.test(en) && en !== zh, `${path}: ${en}`).toBe(false);
  });

  it('take the same values in both languages', () => {
    for (const [path, [zh, en]] of all) expect(names(en), path).toEqual(names(zh));
  });

  it('take full-width punctuation in Chinese', () => {
    for (const [path, [zh]] of all) {
      const bare = zh.replace(/\{[^}]*\}/g, '0');
      expect(isHalfWidth(bare), `${path}: ${zh}`).toBe(false);
    }
  });
});

describe('a page that keeps its languages apart', () => {
  it.each(apart)('says everything in both, each in its own: %s', (file, module) => {
    const zh = texts(module.zh, file, new Map());
    const en = texts(module.en, file, new Map());
    expect(zh.size).toBeGreaterThan(50);
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    for (const [path, text] of zh) expect(isHalfWidth(text), `${path}: ${text}`).toBe(false);
    for (const [path, text] of en) expect(CHINESE.test(text), `${path}: ${text}`).toBe(false);
  });
});

describe('saying a word', () => {
  it('puts values in, groups thousands, and tells one from several', () => {
    const rows: Word = ['共 {n} 行', '{n} {n:row|rows}'];
    expect(say(rows, 'zh', { n: 1284 })).toBe('共 1,284 行');
    expect(say(rows, 'en', { n: 1 })).toBe('1 row');
    expect(say(rows, 'en', { n: 2 })).toBe('2 rows');
    expect(say(['{a}在', '{a}'], 'zh', { a: '<b>' })).toBe('<b>在');
  });
});
