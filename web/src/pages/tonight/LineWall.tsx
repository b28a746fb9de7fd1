// The wall of lines: shape carries the state, a call keeps its cell, a cell with a call opens.
import { CallStateCell } from '../../components/CallState';
import { Card } from '../../components/Card';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import type { Board, Cell, CellState } from './board';
import { words } from './words';

export const STATES: readonly CellState[] = [
  'talking',
  'waiting_key',
  'ringing',
  'early_media',
  'dialing',
  'on_hold',
  'ending',
  'failed',
  'idle',
];

/** The shape of a state; a line that is being cleared down has one of its own. */
export function CellShape({ state, size }: { state: CellState; size: number }) {
  if (state !== 'ending') return <CallStateCell state={state} size={size} />;
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" style={{ display: 'block' }}>
      <rect
        x="1.7"
        y="1.7"
        width="20.6"
        height="20.6"
        rx="5"
        strokeWidth="1.6"
        fill="none"
        stroke="var(--line-2)"
      />
      <path d="M8 10.500l4 4 4-4" fill="none" stroke="var(--ink-3)" strokeWidth="2" />
    </svg>
  );
}

/** Few lines are large, many are small. */
const sizeFor = (cells: number) => (cells <= 60 ? 24 : cells <= 130 ? 16 : 12);

export const stateWord = (state: CellState) => (state === 'failed' ? 'failedLine' : state);

export function LineWall({
  board,
  isFull,
  toggle,
  open,
}: {
  board: Board;
  isFull: boolean;
  toggle: () => void;
  open: (cell: Cell) => void;
}) {
  const t = useWords(words);
  const { lines, trunks } = board;
  const counts = new Map<CellState, number>();
  for (const cell of lines) counts.set(cell.state, (counts.get(cell.state) ?? 0) + 1);
  const size = sizeFor(lines.length) * (isFull ? 3.5 : 1);
  return (
    <Card
      className={isFull ? 't-card t-wall t-full' : 't-card t-wall'}
      title={t('lines')}
      extra={
        <>
          <span>{t('linesHint', { n: lines.length })}</span>
          <button type="button" className="plain" onClick={toggle} aria-pressed={isFull}>
            {isFull ? t('wallLess') : <Icon name="eye" size={14} />}
            {!isFull && <span className="unseen">{t('wallFull')}</span>}
          </button>
        </>
      }
    >
      <div className="t-cells" style={{ gridTemplateColumns: `repeat(auto-fill, ${size}px)` }}>
        {lines.map((cell) => {
          const trunk = trunks[cell.trunk]?.name ?? '';
          const name = t('cell', { trunk, line: cell.line, state: t(stateWord(cell.state)) });
          const key = `${cell.trunk}:${cell.line}`;
          return cell.call ? (
            <button
              key={key}
              type="button"
              className="t-cell"
              title={name}
              aria-label={name}
              onClick={() => open(cell)}
            >
              <CellShape state={cell.state} size={size} />
            </button>
          ) : (
            <span key={key} className="t-cell" role="img" title={name} aria-label={name}>
              <CellShape state={cell.state} size={size} />
            </span>
          );
        })}
      </div>
      <div className="t-legend">
        {STATES.filter((state) => state !== 'idle' && (counts.has(state) || !RARE.includes(state))).map(
          (state) => (
            <span key={state}>
              <CellShape state={state} size={14} />
              {t(stateWord(state))}
              <b>{counts.get(state) ?? 0}</b>
            </span>
          ),
        )}
      </div>
    </Card>
  );
}

const RARE: readonly CellState[] = ['on_hold', 'ending'];
