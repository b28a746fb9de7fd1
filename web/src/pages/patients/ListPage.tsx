// A page that is one list about patients: the way to the other lists, what narrows this one, its rows.
import type { ReactNode } from 'react';
import { CursorTable, type CursorTableProps } from '../../components/CursorTable';
import { EmptyLine } from '../../components/EmptyLine';
import { PageHeader } from '../../shell/header';
import { Lists } from './Lists';
import './patients.css';

type ListPageProps<Row> = Omit<CursorTableProps<Row>, 'label'> & {
  title: string;
  context?: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  /** What the list is narrowed by. */
  filters?: ReactNode;
  /** Dialogs of the page. */
  children?: ReactNode;
};

export function ListPage<Row>({
  title,
  context,
  actions,
  filters,
  children,
  empty,
  ...table
}: ListPageProps<Row>) {
  return (
    <>
      <PageHeader title={title} context={context} actions={actions} />
      <div className="fill p-page">
        <Lists />
        {filters !== undefined && <div className="p-filters">{filters}</div>}
        <section className="card p-results">
          <CursorTable label={title} {...table} empty={<EmptyLine>{empty}</EmptyLine>} />
        </section>
        {children}
      </div>
    </>
  );
}
