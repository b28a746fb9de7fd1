// A card with its heading; the heading is an h2.
import type { ReactNode } from 'react';
import './components.css';
import { Refreshing } from './Skeleton';

export function Card({
  title,
  extra,
  children,
  className = '',
  refreshing = false,
}: {
  title?: ReactNode;
  /** What stands right in the heading. */
  extra?: ReactNode;
  children: ReactNode;
  className?: string;
  refreshing?: boolean;
}) {
  return (
    <section className={`card card-framed ${className}`}>
      <Refreshing on={refreshing} />
      {title !== undefined && (
        <div className="card-head">
          <h2>{title}</h2>
          {extra !== undefined && <div className="card-extra">{extra}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
