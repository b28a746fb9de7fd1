// The head of a table: the names of its columns, in their order.
import type { ReactNode } from 'react';

interface Column {
  name: ReactNode;
  className?: string | undefined;
  /** What is said on hover. */
  title?: string;
  /** For screen readers alone: what stands below says it by itself. */
  isUnseen?: boolean;
}

/** False: the column is not there. */
type Head = string | Column | false;

export function Heads({ of }: { of: readonly Head[] }) {
  return (
    <thead>
      <tr>
        {of.map((head, place) => {
          if (head === false) return null;
          const {
            name,
            className,
            title,
            isUnseen = false,
          } = typeof head === 'string' ? { name: head } : head;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
            <th key={place} scope="col" className={className} title={title}>
              {isUnseen ? <span className="unseen">{name}</span> : name}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
