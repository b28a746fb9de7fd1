// A long list: virtual rows, the next page when the end comes near, j/k and Enter. A real table for those who hear it.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useWords } from '../i18n';
import { useShortcuts } from '../keys/shortcuts';
import { count } from '../time';
import './components.css';
import { CardError } from './ErrorLine';
import { Skeleton } from './Skeleton';
import { words } from './words';

const WIDE = '(min-width: 1200px)';

function onWidth(changed: () => void): () => void {
  const width = matchMedia(WIDE);
  width.addEventListener('change', changed);
  return () => width.removeEventListener('change', changed);
}

export interface Column<Row> {
  key: string;
  title: ReactNode;
  /** As a track of a CSS grid: `120px`, `minmax(90px, 1fr)`. */
  width: string;
  align?: 'left' | 'right';
  /** Left out on a tablet, where it stands a click away. */
  wideOnly?: boolean;
  /** What is mere text is told in full on hover: it may be cut short. */
  cell: (row: Row) => ReactNode;
}

export interface CursorTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Enter or a click on a row. */
  onOpen?: (row: Row, at: number) => void;
  /** The row under the keyboard. */
  onFocusRow?: (row: Row | null, at: number) => void;
  /** Marks a row: `is-bad` draws the edge of a low score. */
  rowClass?: (row: Row) => string | undefined;
  rowHeight?: number;
  isLoading?: boolean;
  error?: unknown;
  retry?: () => unknown;
  hasMore?: boolean;
  isLoadingMore?: boolean;
  loadMore?: () => unknown;
  /** What is shown when there is no row. */
  empty: ReactNode;
}

export function CursorTable<Row>({
  label,
  columns: all,
  rows,
  rowKey,
  onOpen,
  onFocusRow,
  rowClass,
  rowHeight = 32,
  isLoading = false,
  error = null,
  retry,
  hasMore = false,
  isLoadingMore = false,
  loadMore,
  empty,
}: CursorTableProps<Row>) {
  const t = useWords(words);
  const isWide = useSyncExternalStore(onWidth, () => matchMedia(WIDE).matches);
  const columns = isWide ? all : all.filter((column) => column.wideOnly !== true);
  const scroller = useRef<HTMLElement>(null);
  const [at, setAt] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && !isLoadingMore && error === null && last >= rows.length - 15) loadMore?.();
  }, [hasMore, isLoadingMore, error, last, rows.length, loadMore]);
  const move = (to: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, to));
    if (rows.length === 0) return;
    setAt(next);
    virtual.scrollToIndex(next);
    onFocusRow?.(rows[next] ?? null, next);
  };
  useShortcuts([
    { keys: 'j', does: ['下一行', 'Next row'], run: () => move(at + 1) },
    { keys: 'k', does: ['上一行', 'Previous row'], run: () => move(at - 1) },
    ...(onOpen
      ? [
          {
            keys: 'Enter',
            does: ['打开这一行', 'Open this row'] as const,
            run: () => {
              const row = rows[at];
              if (row !== undefined) onOpen(row, at);
            },
          },
        ]
      : []),
  ]);
  const template = columns.map((column) => column.width).join(' ');
  if (isLoading) return <Skeleton rows={12} height={rowHeight} />;
  if (error !== null && error !== undefined && rows.length === 0) {
    return <CardError error={error} {...(retry ? { retry } : {})} />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="rows" ref={scroller} tabIndex={0} aria-label={label}>
      {/* biome-ignore-start lint/a11y: virtual rows need a grid of boxes, which a table's elements cannot be */}
      <div role="table" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <div role="row" className="rows-head" style={{ gridTemplateColumns: template }} aria-rowindex={1}>
          {columns.map((column) => (
            <div
              key={column.key}
              role="columnheader"
              className={column.align === 'right' ? 'num' : undefined}
            >
              {column.title}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="rows-body" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const marks = [
              'row',
              onOpen ? 'opens' : '',
              item.index === at ? 'is-at' : '',
              rowClass?.(row) ?? '',
            ];
            return (
              <div
                key={rowKey(row)}
                role="row"
                tabIndex={-1}
                aria-rowindex={item.index + 2}
                {...(item.index === at ? { 'aria-current': true as const } : {})}
                className={marks.filter((mark) => mark !== '').join(' ')}
                style={{
                  gridTemplateColumns: template,
                  height: rowHeight,
                  transform: `translateY(${item.start}px)`,
                }}
                onClick={(event) => {
                  setAt(item.index);
                  onFocusRow?.(row, item.index);
                  const { target } = event;
                  const isControl =
                    target instanceof Element && target.closest('button, a, input, [role=button]') !== null;
                  if (!isControl) onOpen?.(row, item.index);
                }}
              >
                {columns.map((column) => {
                  const shown = column.cell(row);
                  return (
                    <div
                      key={column.key}
                      role="cell"
                      className={column.align === 'right' ? 'num' : undefined}
                      title={typeof shown === 'string' ? shown : undefined}
                    >
                      {shown}
                    </div>
                  );
                })}
              </div>
            );
          })}
        </div>
      </div>
      {/* biome-ignore-end lint/a11y: as above */}
      {rows.length === 0 && !hasMore && empty}
      {error !== null && error !== undefined && <CardError error={error} {...(retry ? { retry } : {})} />}
      {isLoadingMore && <p className="rows-foot">{t('loadingMore')}</p>}
      {!hasMore && rows.length > 0 && <p className="rows-foot">{t('end', { n: count(rows.length) })}</p>}
    </section>
  );
}
