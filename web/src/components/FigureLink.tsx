// A figure that opens the list it counts. A rate carries numerator and denominator; a denominator of 0 prints —.
import { Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useWords } from '../i18n';
import { count, NOTHING, rate } from '../time';
import './components.css';
import { words } from './words';

/** `of` makes it n/d; `asRate` prints the rate and keeps n/d for the hover. `to` is the list, whose total is the same figure. */
export function FigureLink({
  n,
  of,
  show = 'fraction',
  decimals = 1,
  to,
  onOpen,
  shown: own,
}: {
  n: number;
  of?: number;
  show?: 'fraction' | 'rate';
  decimals?: number;
  to?: string;
  onOpen?: () => void;
  /** Shown in place of the figure, which its name still says: a rate's digits, a sentence. */
  shown?: ReactNode;
}) {
  const t = useWords(words);
  const fraction = of === undefined ? count(n) : `${count(n)} / ${count(of)}`;
  const shown = of !== undefined && show === 'rate' ? rate(n, of, decimals) : of === 0 ? NOTHING : fraction;
  const figure =
    own !== undefined ? (
      own
    ) : of !== undefined && show === 'fraction' && of !== 0 ? (
      <>
        <b>{count(n)}</b>
        <span className="ink-3"> / {count(of)}</span>
      </>
    ) : (
      shown
    );
  const label = t('openList', {
    shown: show === 'rate' && of !== undefined ? `${shown}，${fraction}` : shown,
  });
  const body =
    to !== undefined ? (
      <Link className="figure" to={to} aria-label={label}>
        {figure}
      </Link>
    ) : onOpen !== undefined ? (
      <button type="button" className="plain figure" onClick={onOpen} aria-label={label}>
        {figure}
      </button>
    ) : (
      <span className="figure-plain">{figure}</span>
    );
  return show === 'rate' && of !== undefined ? <Tooltip title={fraction}>{body}</Tooltip> : body;
}
