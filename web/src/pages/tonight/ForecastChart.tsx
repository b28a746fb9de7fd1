// Done so far, and where it goes: the line, the cone of the forecast, the end of the windows. Its table says the same.
import { useLayoutEffect, useRef, useState } from 'react';
import { Card } from '../../components/Card';
import { useWords } from '../../i18n';
import { count, useTimes } from '../../time';
import { type Board, step } from './board';
import { NightTable } from './NightTable';
import { words } from './words';

const PAD = { left: 42, right: 28, top: 18, bottom: 28 };
const HALF_HOUR = 1_800_000;

interface Point {
  at: number;
  done: number;
}

/** The points of the curve, the present one last. */
export function points(board: Board, now: number): Point[] {
  const { curve, sums } = board;
  const from = curve.from_at ? Date.parse(curve.from_at) : null;
  const passed: Point[] =
    from === null
      ? []
      : [
          { at: from, done: 0 },
          ...curve.done.map((done, at) => ({ at: from + (at + 1) * curve.step_ms, done })),
        ];
  return [...passed.filter((point) => point.at < now), { at: now, done: sums.done }];
}

export function ForecastChart({ board, now }: { board: Board; now: number }) {
  const t = useWords(words);
  const [isTable, setTable] = useState(false);
  return (
    <Card
      className="t-card t-forecast"
      title={t('chart')}
      extra={
        <>
          {!isTable && (
            <>
              <span className="t-mark t-mark-done">{t('done')}</span>
              <span className="t-mark t-mark-ahead">{t('forecast')}</span>
              <span className="t-mark t-mark-range">{t('range')}</span>
            </>
          )}
          <button type="button" className="plain" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
            {isTable ? t('chartSwitch') : t('table')}
          </button>
        </>
      }
    >
      {isTable ? <Table board={board} now={now} /> : <Chart board={board} now={now} />}
    </Card>
  );
}

function Chart({ board, now }: { board: Board; now: number }) {
  const t = useWords(words);
  const times = useTimes();
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 568, height: 252 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || typeof ResizeObserver === 'undefined') return;
    const look = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    look.observe(element);
    return () => look.disconnect();
  }, []);

  const passed = points(board, now);
  const { forecast, night, sums } = board;
  const at = (text: string | null | undefined) => (text ? Date.parse(text) : null);
  const [earliest, median, latest] = [
    at(forecast.earliest_at),
    at(forecast.median_at),
    at(forecast.latest_at),
  ];
  const closes = night.has_windows ? at(night.closes_at) : null;
  const opens = night.has_windows ? at(night.opens_at) : null;
  const first = passed[0]?.at ?? now;
  const from = Math.min(first, opens ?? first);
  const to = Math.max(closes ?? 0, latest ?? 0, now, from + HALF_HOUR / 3);
  const top = Math.max(sums.due, 1);
  const { width, height } = size;
  const x = (time: number) => PAD.left + ((time - from) / (to - from)) * (width - PAD.left - PAD.right);
  const y = (done: number) => height - PAD.bottom - (done / top) * (height - PAD.top - PAD.bottom);
  const gap = step(top);
  const levels = [];
  for (let level = 0; level <= top - gap / 3; level += gap) levels.push(level);
  const span = to - from;
  const every =
    [60_000 * 2, 60_000 * 5, 60_000 * 10, HALF_HOUR, HALF_HOUR * 2, HALF_HOUR * 4].find(
      (one) => span / one <= 6,
    ) ?? HALF_HOUR * 8;
  const marks = [];
  for (let time = Math.ceil(from / every) * every; time <= to; time += every) marks.push(time);
  const line = passed.map((point) => `${x(point.at).toFixed(1)},${y(point.done).toFixed(1)}`).join(' ');
  const [nowX, nowY, floor] = [x(now), y(sums.done), y(0)];
  const labelLeft = nowX > width / 2;
  const medianX = median === null ? null : x(Math.max(median, now));
  return (
    <div className="t-chart" ref={frame}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${t('chart')}: ${count(sums.done)} / ${count(sums.due)}`}
      >
        {levels.map((level) => (
          <g key={level}>
            <path d={`M${PAD.left} ${y(level)}H${width - PAD.right}`} stroke="var(--line)" />
            <text x={PAD.left - 7} y={y(level) + 4} textAnchor="end">
              {count(level)}
            </text>
          </g>
        ))}
        <path
          d={`M${PAD.left} ${y(top)}H${width - PAD.right}`}
          stroke="var(--line-2)"
          strokeDasharray="2 3"
        />
        <text x={PAD.left - 7} y={y(top) + 4} textAnchor="end">
          {count(sums.due)}
        </text>
        {marks.map((time) => (
          <text
            key={time}
            x={x(time)}
            y={height - 8}
            textAnchor={x(time) < PAD.left + 8 ? 'start' : x(time) > width - PAD.right - 8 ? 'end' : 'middle'}
          >
            {times.hour(time)}
          </text>
        ))}
        <polygon
          points={`${x(first).toFixed(1)},${floor} ${line} ${nowX},${floor}`}
          fill="var(--hospital)"
          opacity="0.14"
        />
        {earliest !== null && latest !== null && sums.done < sums.due && (
          <polygon
            points={`${nowX},${nowY} ${x(Math.max(earliest, now))},${y(top)} ${x(Math.max(latest, now))},${y(top)}`}
            fill="var(--hospital)"
            opacity="0.25"
          />
        )}
        {closes !== null && (
          <>
            <path d={`M${x(closes)} ${PAD.top - 10}V${floor}`} stroke="var(--ink-2)" strokeWidth="1.500" />
            <text x={x(closes) - 6} y={floor - 8} textAnchor="end" className="t-ink">
              {t('windowEnd', { at: times.hour(closes) })}
            </text>
          </>
        )}
        <polyline
          points={line}
          fill="none"
          stroke="var(--hospital)"
          strokeWidth="2.500"
          strokeLinejoin="round"
        />
        {medianX !== null && median !== null && sums.done < sums.due && (
          <>
            <path
              d={`M${nowX} ${nowY}L${medianX} ${y(top)}`}
              stroke="var(--hospital)"
              strokeWidth="2.500"
              strokeDasharray="5 4"
            />
            <circle cx={medianX} cy={y(top)} r="4.500" fill="var(--hospital)" />
            <text
              x={medianX + (medianX > width - 70 ? -8 : 6)}
              y={y(top) + 24}
              textAnchor={medianX > width - 70 ? 'end' : 'start'}
              className="t-strong"
            >
              {times.hour(median)}
            </text>
          </>
        )}
        {passed.length > 1 && (
          <>
            <path d={`M${nowX} ${PAD.top - 10}V${floor}`} stroke="var(--ink-3)" strokeDasharray="2 3" />
            <circle
              cx={nowX}
              cy={nowY}
              r="4.500"
              fill="var(--surface)"
              stroke="var(--hospital)"
              strokeWidth="2.200"
            />
            <text
              x={nowX + (labelLeft ? -9 : 9)}
              y={Math.max(nowY - 8, 12)}
              textAnchor={labelLeft ? 'end' : 'start'}
              className="t-now"
            >
              {t('nowAt', { n: count(sums.done) })}
            </text>
          </>
        )}
      </svg>
    </div>
  );
}

function Table({ board, now }: { board: Board; now: number }) {
  const t = useWords(words);
  const times = useTimes();
  const all = points(board, now);
  const sparse = all.filter(
    (_, at) => at % Math.max(1, Math.ceil(all.length / 24)) === 0 || at === all.length - 1,
  );
  return (
    <NightTable heads={[t('time'), { name: t('done'), className: 'num' }]}>
      {sparse.map((point) => (
        <tr key={point.at}>
          <td>{times.hour(point.at)}</td>
          <td className="num">{count(point.done)}</td>
        </tr>
      ))}
      {board.forecast.median_at && (
        <tr>
          <td>
            {times.hour(board.forecast.median_at)} <span className="ink-3">{t('forecast')}</span>
          </td>
          <td className="num">{count(board.sums.due - board.forecast.unreached)}</td>
        </tr>
      )}
    </NightTable>
  );
}
