// A stretch of a recording as a file of its own.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatOf, HEAD, octetsOf, readClip, silence } from './clip';

function head(size: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(HEAD));
  const word = (at: number, text: string) =>
    [...text].forEach((letter, i) => {
      view.setUint8(at + i, letter.charCodeAt(0));
    });
  word(0, 'RIFF');
  word(8, 'WAVE');
  word(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, 8_000, true);
  view.setUint32(28, 32_000, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, size, true);
  return view.buffer as ArrayBuffer;
}

afterEach(() => vi.unstubAllGlobals());

describe('a clip', () => {
  it('knows the recorder’s head and no other', () => {
    expect(formatOf(head(320_000))).toEqual({ rate: 32_000, frame: 4, start: 44, size: 320_000 });
    expect(formatOf(new ArrayBuffer(HEAD))).toBeNull();
    expect(formatOf(new ArrayBuffer(3))).toBeNull();
  });

  it('is the octets of its seconds, in whole frames, inside the file', () => {
    const format = { rate: 32_000, frame: 4, start: 44, size: 320_000 };
    expect(octetsOf(format, { fromMs: 1_000, toMs: 6_000 })).toEqual({ from: 32_044, until: 192_044 });
    expect(octetsOf(format, { fromMs: 0.03, toMs: 99_000 })).toEqual({ from: 44, until: 320_044 });
  });

  it('has as much silence as is asked for', () => {
    for (const octets of [0, 4, 1 << 20, (1 << 20) * 2 + 8])
      expect(silence(octets).reduce((sum, piece) => sum + piece.size, 0)).toBe(octets);
  });

  it('asks for nothing but its own octets, again where it was given less, and is as long as the recording', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      const range = (init.headers as Record<string, string>).range ?? '';
      asked.push(range);
      const [from = 0, last = 0] = range.replace('bytes=', '').split('-').map(Number);
      return new Response(new Uint8Array(Math.min(last - from + 1, 100_000)).fill(7), { status: 206 });
    });
    const format = { rate: 32_000, frame: 4, start: 44, size: 320_000 };
    const clip = await readClip(
      '/audio',
      head(320_000),
      format,
      { fromMs: 1_000, toMs: 6_000 },
      new AbortController().signal,
    );
    expect(asked).toEqual(['bytes=32044-192043', 'bytes=132044-192043']);
    expect(clip.size).toBe(320_044);
  });
});
