import { describe, expect, it } from 'vitest';
import { offsetOf } from './Faults';

describe('the place of a fault', () => {
  it('is counted in characters, and never lies outside the text', () => {
    const text = 'a = 1\nname = "𠮷外"\n';
    expect(text.slice(offsetOf(text, 2, 9))).toBe('𠮷外"\n');
    expect(text.slice(offsetOf(text, 2, 10))).toBe('外"\n');
    expect(offsetOf(text, 99, 1)).toBe(text.length);
  });
});
