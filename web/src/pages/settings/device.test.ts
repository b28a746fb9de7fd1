import { describe, expect, it } from 'vitest';
import { deviceOf } from './device';

describe('a browser in two words', () => {
  it('is found in what it calls itself', () => {
    expect(deviceOf('Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0')).toBe(
      'Edge 150 · Windows',
    );
    expect(deviceOf('Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0')).toBe('Firefox 140 · Linux');
    expect(deviceOf('curl/8')).toBeNull();
    expect(deviceOf(null)).toBeNull();
  });
});
