// A card with its heading (an h2), and the states of what it reads: coming, failed, being read anew.
import type { ReactNode } from 'react';
import './components.css';
import { CardError } from './ErrorLine';
import { Refreshing, Skeleton } from './Skeleton';

/** What a card needs of a query. */
interface Read {
  isPending: boolean;
  isError: boolean;
  isFetching: boolean;
  error: unknown;
  refetch: () => unknown;
}

export function Card({
  title,
  extra,
  children,
  className = '',
  refreshing = false,
  read,
  rows = 6,
  rowHeight = 34,
}: {
  title?: ReactNode;
  /** What stands right in the heading. */
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
  refreshing?: boolean;
  /** The query of the whole card; the children are there all the time and show what they have. */
  read?: Read;
  /** The shape of what is coming. */
  rows?: number;
  rowHeight?: number;
}) {
  return (
    <section className={`card card-framed ${className}`}>
      <Refreshing on={refreshing || (read?.isPending === false && read.isFetching)} />
      {title !== undefined && (
        <div className="card-head">
          <h2>{title}</h2>
          {extra !== undefined && <div className="card-extra">{extra}</div>}
        </div>
      )}
      {read?.isPending && <Skeleton rows={rows} height={rowHeight} />}
      {read?.isError && <CardError error={read.error} retry={read.refetch} />}
      {children}
    </section>
  );
}
