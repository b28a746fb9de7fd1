// The small square that stands for a disposition: its shape tells it apart without its colour.
import type { ReactElement } from 'react';
import type { GlyphName, Look } from './dispositions';

const shapes: Record<GlyphName, ReactElement> = {
  check: <path d="M3 6.5l2.5 2.5L9.5 3.5" />,
  half: <path d="M6 2.500a3.500 3.500 0 0 1 0 7z" fill="currentColor" />,
  cross: <path d="M3.500 3.500l5 5M8.500 3.500l-5 5" />,
  dash: <path d="M3 6h6" />,
  bars: <path d="M4 3v6M8 3v6" />,
  power: <path d="M6 2v4M3.500 4a3.500 3.500 0 1 0 5 0" />,
  bubble: <path d="M2.500 3.500h7v4h-4l-2 2v-2h-1z" />,
  hash: <path d="M4.500 2l-1 8M8.500 2l-1 8M2.500 4.500h7M2 7.500h7" />,
  clock: <path d="M6 3v3l2 1.500" />,
  exclamation: <path d="M6 2.500v4.500M6 9.300v.1" />,
  ring: <circle cx="6" cy="6" r="3" />,
};

export function Glyph({ look }: { look: Look }) {
  return (
    <svg className="t-glyph" viewBox="0 0 12 12" style={{ background: look.colour }} aria-hidden="true">
      {shapes[look.glyph]}
    </svg>
  );
}

/** The background of a bar in a disposition's colour and pattern. */
export function fill(look: Look): { background: string } {
  const pattern =
    look.pattern === undefined
      ? ''
      : 'repeating-linear-gradient(45deg, transparent 0 3px, rgba(255, 255, 255, 0.4) 3px 5px), ';
  return { background: `${pattern}${look.colour}` };
}
