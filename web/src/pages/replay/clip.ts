// A stretch of the recording and nothing else: its octets are fetched by exact ranges, and silence stands for the rest, so
// that the element's time stays the recording's time. Left to itself, an audio element reads a minute ahead of the ear, and the
// listen log would say that this minute was heard.

/** What the head of a WAV file says. */
export interface Format {
  /** Octets of one second. */
  readonly rate: number;
  /** Octets of one moment of all channels. */
  readonly frame: number;
  /** Where the sound begins in the file. */
  readonly start: number;
  /** Octets of sound. */
  readonly size: number;
}

/** Octets of a head as the recorder writes it. */
export const HEAD = 44;

/** Reads the head; null if it is not one that is understood here: then the element reads the file itself. */
export function formatOf(head: ArrayBuffer): Format | null {
  if (head.byteLength < HEAD) return null;
  const view = new DataView(head);
  const word = (at: number): string =>
    String.fromCharCode(
      view.getUint8(at),
      view.getUint8(at + 1),
      view.getUint8(at + 2),
      view.getUint8(at + 3),
    );
  if (
    word(0) !== 'RIFF' ||
    word(8) !== 'WAVE' ||
    word(12) !== 'fmt ' ||
    view.getUint32(16, true) !== 16 ||
    word(36) !== 'data'
  )
    return null;
  if (view.getUint16(20, true) !== 1) return null;
  return {
    rate: view.getUint32(28, true),
    frame: view.getUint16(32, true),
    start: HEAD,
    size: view.getUint32(40, true),
  };
}

/** The octets of a stretch in the file: from, and until before; whole frames. */
export function octetsOf(
  format: Format,
  span: { readonly fromMs: number; readonly toMs: number },
): { readonly from: number; readonly until: number } {
  const at = (ms: number): number => {
    const octets = Math.round((ms / 1_000) * format.rate);
    return Math.min(Math.max(octets - (octets % format.frame), 0), format.size);
  };
  return { from: format.start + at(span.fromMs), until: format.start + at(span.toMs) };
}

/** The silence before and after a stretch, as pieces that share their octets. */
export function silence(octets: number): readonly Blob[] {
  const step = 1 << 20;
  const piece = new Blob([new Uint8Array(Math.min(step, octets))]);
  const pieces = Array.from({ length: Math.floor(octets / step) }, () => piece);
  const rest = octets % step;
  return rest === 0 ? pieces : [...pieces, piece.slice(0, rest)];
}

async function range(
  address: string,
  from: number,
  until: number,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  const response = await fetch(address, {
    headers: { range: `bytes=${from}-${until - 1}` },
    credentials: 'same-origin',
    signal,
  });
  if (response.status !== 206) throw new Error(`audio: ${response.status}`);
  return response.arrayBuffer();
}

/** The head of a recording; it holds no sound. */
export async function readFormat(
  address: string,
  signal: AbortSignal,
): Promise<{ readonly head: ArrayBuffer; readonly format: Format | null }> {
  const head = await range(address, 0, HEAD, signal);
  return { head, format: formatOf(head) };
}

/** A stretch as a file of its own with the recording's time. The daemon may answer a range with less than was asked for. */
export async function readClip(
  address: string,
  head: ArrayBuffer,
  format: Format,
  span: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<Blob> {
  const { from, until } = octetsOf(format, span);
  const parts: ArrayBuffer[] = [];
  let at = from;
  while (at < until) {
    const part = await range(address, at, until, signal);
    if (part.byteLength === 0) break;
    parts.push(part);
    at += part.byteLength;
  }
  const rest = Math.max(format.start + format.size - at, 0);
  return new Blob([head, ...silence(from - format.start), ...parts, ...silence(rest)], { type: 'audio/wav' });
}
