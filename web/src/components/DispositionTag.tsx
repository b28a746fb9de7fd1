// A disposition: glyph, word and colour, never one alone. Our own faults say that they do not count.
import { useSay } from '../i18n';
import './components.css';
import { type Glyph, lookOf } from './dispositions';

const glyphs: Record<Glyph, string> = {
  check: 'M3 6.500l2.500 2.500L9.500 3.500',
  half: 'M6 2.500a3.500 3.500 0 0 1 0 7z',
  cross: 'M3.500 3.500l5 5M8.500 3.500l-5 5',
  dash: 'M3 6h6',
  bars: 'M4 3v6M8 3v6',
  power: 'M6 2v4M3.500 4a3.500 3.500 0 1 0 5 0',
  bubble: 'M2.500 3.500h7v4h-4l-2 2v-2h-1z',
  hash: 'M4.500 2l-1 8M8.500 2l-1 8M2.500 4.500h7M2 7.500h7',
  clock: 'M6 2.200a3.800 3.800 0 1 1 0 7.600a3.800 3.800 0 1 1 0-7.600M6 4v2.200l1.500 1',
  mark: 'M6 2.500v4.300M6 9.200v.1',
  ring: 'M6 2.800a3.200 3.200 0 1 1 0 6.400a3.200 3.200 0 1 1 0-6.400',
};

/** The square glyph alone; the word must stand beside it. */
export function DispositionGlyph({ disposition, size = 15 }: { disposition: string; size?: number }) {
  const { colour, glyph, fill } = lookOf(disposition);
  const isOutline = fill === 'outline';
  return (
    <svg
      className={`d-glyph d-${fill}`}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      aria-hidden="true"
      style={isOutline ? { color: `var(${colour})` } : { backgroundColor: `var(${colour})` }}
    >
      <path
        d={glyphs[glyph]}
        stroke={isOutline ? 'currentColor' : 'var(--on-d)'}
        fill={glyph === 'half' ? 'var(--on-d)' : 'none'}
        strokeWidth="1.500"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function DispositionTag({ disposition }: { disposition: string }) {
  const sayWord = useSay();
  const { word, family } = lookOf(disposition);
  return (
    <span className="d-tag">
      <DispositionGlyph disposition={disposition} />
      {sayWord(word)}
      {family === 'ours' && <span className="ink-3 small">{sayWord(['不计次数', 'not counted'])}</span>}
    </span>
  );
}
