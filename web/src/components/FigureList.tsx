// The list behind a figure, in a drawer: first whether it counts as many, then its rows.
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { CursorTable, type CursorTableProps } from './CursorTable';
import { EmptyLine } from './EmptyLine';
import './components.css';

type FigureListProps<Row> = CursorTableProps<Row> & {
  /** How many the list says it has; nothing yet while it is read. */
  total: number | undefined;
  /** The list counts what the figure does. */
  agrees: boolean;
  /** What is said of the two when they agree, and when they do not. */
  same: ReactNode;
  other: ReactNode;
  /** The way to make them agree. */
  again: { word: string; run: () => unknown };
};

export function FigureList<Row>({
  total,
  agrees,
  same,
  other,
  again,
  empty,
  ...table
}: FigureListProps<Row>) {
  return (
    <div className="figure-list">
      {total !== undefined && (
        <p role="status" data-total={total}>
          {agrees ? (
            <b>{same}</b>
          ) : (
            <>
              <span className="tag tag-warn">{other}</span>{' '}
              <Button size="small" onClick={() => void again.run()}>
                {again.word}
              </Button>
            </>
          )}
        </p>
      )}
      <section className="card">
        <CursorTable {...table} empty={<EmptyLine>{empty}</EmptyLine>} />
      </section>
    </div>
  );
}
