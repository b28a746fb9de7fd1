// Results as one bar: the dispositions in the order of families, patterns beside the colours.
import { useSay } from '../i18n';
import { count, rate } from '../time';
import './components.css';
import { dispositions, families, lookOf } from './dispositions';

interface Share {
  disposition: string;
  count: number;
}

/** In the order of screens: families, then the dispositions within. */
export function inOrder(shares: readonly Share[]): Share[] {
  const place = (share: Share): number => {
    const at = dispositions.indexOf(share.disposition);
    return families.indexOf(lookOf(share.disposition).family) * 100 + (at < 0 ? 99 : at);
  };
  return [...shares].sort((a, b) => place(a) - place(b));
}

export function StackBar({
  shares,
  label,
  height = 14,
}: {
  shares: readonly Share[];
  label: string;
  height?: number;
}) {
  const sayWord = useSay();
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  const shown = inOrder(shares).filter((share) => share.count > 0);
  const told = shown
    .map((share) => `${sayWord(lookOf(share.disposition).word)} ${count(share.count)}`)
    .join('，');
  return (
    <div
      className="stack"
      role="img"
      aria-label={told === '' ? label : `${label}：${told}`}
      style={{ height }}
    >
      {shown.map((share) => (
        <i
          key={share.disposition}
          className={`d-${lookOf(share.disposition).fill}`}
          title={`${sayWord(lookOf(share.disposition).word)} ${count(share.count)} (${rate(share.count, total)})`}
          style={{ flex: share.count, backgroundColor: `var(${lookOf(share.disposition).colour})` }}
        />
      ))}
    </div>
  );
}

/** One bar alone, as a part of the longest. */
export function Bar({ disposition, part }: { disposition: string; part: number }) {
  const look = lookOf(disposition);
  return (
    <div className="bar" aria-hidden="true">
      <i
        className={`d-${look.fill}`}
        style={{ width: `${Math.min(1, Math.max(0, part)) * 100}%`, backgroundColor: `var(${look.colour})` }}
      />
    </div>
  );
}

/** How far something is. */
export function Progress({ part, label }: { part: number; label: string }) {
  const percent = Math.min(1, Math.max(0, part)) * 100;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
    >
      <i style={{ width: `${percent}%` }} />
    </div>
  );
}
