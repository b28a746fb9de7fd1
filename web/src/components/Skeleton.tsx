// The shape of what is coming, in its final geometry; seen only after 150 ms.
import { useWords } from '../i18n';
import './components.css';
import { words } from './words';

/** Rows of a table or lines of a list. */
export function Skeleton({ rows = 6, height = 32 }: { rows?: number; height?: number }) {
  const t = useWords(words);
  return (
    <div className="skeleton" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={at} style={{ height }}>
          <i style={{ width: `${[62, 44, 71, 53][at % 4] ?? 60}%` }} />
        </div>
      ))}
    </div>
  );
}

/** The bar on a card's top edge while its data is read anew; the old data stays. Put it first in the card. */
export function Refreshing({ on }: { on: boolean }) {
  return <div className={on ? 'refreshing is-on' : 'refreshing'} aria-hidden="true" />;
}
