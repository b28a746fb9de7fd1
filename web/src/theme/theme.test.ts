import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { themeOf } from './theme';
import { type Theme, type Token, tokens } from './tokens';

const css = readFileSync('src/theme/tokens.css', 'utf8');
const [dayCss = '', nightCss = ''] = css.split("[data-theme='night']");

const inCss = (text: string, token: string) =>
  new RegExp(`--${token}: ([^;]+);`).exec(text)?.[1]?.toLowerCase();

/** WCAG 2 contrast. */
function contrast(a: string, b: string): number {
  const light = (hex: string) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
    const [r = 0, g = 0, bl = 0] = parts.map((part) =>
      part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [high = 0, low = 0] = [light(a), light(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe.each(['day', 'night'] as const)('the colours of the %s', (theme: Theme) => {
  const values = tokens[theme];

  it('are the same in script and in style', () => {
    for (const [token, value] of Object.entries(values)) {
      expect(inCss(theme === 'day' ? dayCss : nightCss, token), token).toBe(value.toLowerCase());
    }
  });

  it('let all text be read', () => {
    const pairs: [Token, Token][] = [
      ['ink', 'surface'],
      ['ink-2', 'surface'],
      ['ink-3', 'surface'],
      ['ink-3', 'sunken'],
      ['ink-3', 'canvas'],
      ['primary', 'surface'],
      ['primary', 'primary-soft'],
      ['on-primary', 'primary'],
      ['bad', 'bad-soft'],
      ['warn', 'warn-soft'],
      ['info', 'info-soft'],
    ];
    for (const [text, ground] of pairs) {
      expect(contrast(values[text], values[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe('the theme', () => {
  it('follows the hand, the system or the shift', () => {
    expect(themeOf('day', true, 23)).toBe('day');
    expect(themeOf('system', true, 12)).toBe('night');
    expect(themeOf('shift', false, 18)).toBe('night');
    expect(themeOf('shift', false, 5)).toBe('night');
    expect(themeOf('shift', true, 6)).toBe('day');
  });
});
