// The quieter cards: results, trunks, campaigns, preflight.
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { DispositionGlyph } from '../../components/DispositionTag';
import { lookOf } from '../../components/dispositions';
import { FigureLink } from '../../components/FigureLink';
import { Icon } from '../../components/Icon';
import { Bar, Progress, StackBar } from '../../components/StackBar';
import { useStill } from '../../components/still';
import { useSay, useWords } from '../../i18n';
import { count, rate, useTimes } from '../../time';
import type { Board } from './board';
import { listOf, type NightFigure } from './figures';
import { NightTable } from './NightTable';
import { words } from './words';

/** So many rows fit without a scroll. */
const ROWS = 7;

/** A figure that opens its list, for those who may see all calls. */
function Opens({ n, list }: { n: number; list: NightFigure }) {
  const mayOpen = useMay('see_calls') === 'all';
  return <FigureLink n={n} {...(mayOpen ? { to: listOf(list) } : {})} />;
}

export function Results({ board }: { board: Board }) {
  const t = useWords(words);
  const sayWord = useSay();
  const { done, dispositions } = board.results;
  const completed = dispositions.find((one) => one.disposition === 'completed')?.cases ?? 0;
  const others = dispositions.filter((one) => one.disposition !== 'completed');
  const missing = done - completed;
  const shown = others.length > ROWS ? others.slice(0, ROWS - 1) : others;
  const still = useStill(shown, (one) => one.disposition);
  const rest = others.slice(shown.length).reduce((sum, one) => sum + one.cases, 0);
  const most = Math.max(1, ...shown.map((one) => one.cases), rest);
  return (
    <Card className="t-card t-results" title={t('results')} extra={t('resultsHint', { n: count(done) })}>
      {done === 0 ? (
        <p className="t-empty">{t('noResults')}</p>
      ) : (
        <div className="t-dispositions">
          <div className="t-head">
            <span>
              <DispositionGlyph disposition="completed" />
              {t('completed')}{' '}
              <b>
                <Opens n={completed} list={{ figure: 'completed' }} />
              </b>
              <em>{rate(completed, done)}</em>
            </span>
            <span>
              {t('notCompleted')}{' '}
              <b>
                <Opens n={missing} list={{ figure: 'not_completed' }} />
              </b>
            </span>
          </div>
          <div className="t-stack">
            <StackBar
              label={t('results')}
              shares={dispositions.map((one) => ({ disposition: one.disposition, count: one.cases }))}
            />
          </div>
          <ul {...still.hold}>
            {still.rows.map((one) => (
              <li key={one.disposition} className="t-row">
                <DispositionGlyph disposition={one.disposition} />
                <span className="t-name" title={sayWord(lookOf(one.disposition).word)}>
                  {sayWord(lookOf(one.disposition).word)}
                </span>
                <Bar disposition={one.disposition} part={one.cases / most} />
                <b>
                  <Opens n={one.cases} list={{ figure: 'done', disposition: one.disposition }} />
                </b>
                <em title={`${one.cases} / ${missing}`}>{rate(one.cases, missing)}</em>
              </li>
            ))}
            {rest > 0 && (
              <li className="t-row">
                <span />
                <span className="t-name">{t('others')}</span>
                <Bar disposition="unknown" part={rest / most} />
                <b>{count(rest)}</b>
                <em>{rate(rest, missing)}</em>
              </li>
            )}
          </ul>
        </div>
      )}
    </Card>
  );
}

/** A rate that opens the list of its numerator; both are said on hover. */
function Rate({ n, of, list }: { n: number; of: number; list: NightFigure }) {
  const mayOpen = useMay('see_calls') === 'all';
  return <FigureLink n={n} of={of} show="rate" {...(mayOpen ? { to: listOf(list) } : {})} />;
}

const tones = { up: 'ok', registering: 'info', resting: 'warn', down: 'bad' } as const;
const signs = { up: 'check', registering: 'clock', resting: 'clock', down: 'cross' } as const;

export function Trunks({ board }: { board: Board }) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <Card className="t-card t-trunks" title={t('trunks')} extra={t('lastHour')}>
      <NightTable
        heads={[
          t('trunks'),
          { name: t('lines'), className: 'num' },
          { name: t('answered'), className: 'num' },
          { name: t('delay'), className: 'num' },
          t('trend'),
          { name: t('state'), className: 'num' },
        ]}
      >
        {board.trunks.map((trunk) => (
          <tr key={trunk.name}>
            <td className="strong t-cut" title={trunk.name}>
              {trunk.name}
            </td>
            <td className="num">
              {trunk.busy}/{trunk.lines}
            </td>
            <td className="num">
              <Rate n={trunk.answered} of={trunk.attempts} list={{ figure: 'answered', trunk: trunk.name }} />
            </td>
            <td className="num nowrap">{trunk.delay_ms == null ? '—' : times.seconds(trunk.delay_ms)}</td>
            <td>
              <Trend points={trunk.trend} tone={trunk.state === 'up' ? 'hospital' : 'warn'} />
            </td>
            <td className="num">
              <span
                className={`tag tag-${tones[trunk.state]}`}
                title={trunk.until_at ? t('restingUntil', { at: times.hour(trunk.until_at) }) : undefined}
              >
                <Icon name={signs[trunk.state]} />
                {t(trunk.state)}
              </span>
            </td>
          </tr>
        ))}
      </NightTable>
    </Card>
  );
}

function Trend({ points, tone }: { points: readonly (number | null)[]; tone: string }) {
  const line = points
    .map((percent, at) => (percent === null ? null : `${2 + at * 4.3},${18 - percent * 0.16}`))
    .filter((point) => point !== null);
  return (
    <svg width="52" height="20" aria-hidden="true" style={{ display: 'block' }}>
      <polyline points={line.join(' ')} fill="none" stroke={`var(--${tone})`} strokeWidth="1.6" />
    </svg>
  );
}

export function Campaigns({ board }: { board: Board }) {
  const t = useWords(words);
  const times = useTimes();
  const closes = board.night.has_windows && board.night.closes_at ? Date.parse(board.night.closes_at) : null;
  return (
    <Card
      className="t-card t-campaigns"
      title={t('campaigns')}
      extra={<Link to="/campaigns">{t('allCampaigns')}</Link>}
    >
      {board.campaigns.length === 0 ? (
        <p className="t-empty">{t('noCampaigns')}</p>
      ) : (
        <NightTable
          heads={[
            t('campaign'),
            { name: t('progress'), className: 't-progress' },
            { name: t('doneOfDue'), className: 'num' },
            { name: t('rate'), className: 'num' },
            { name: t('ends'), className: 'num' },
          ]}
        >
          {board.campaigns.map((one) => {
            const ends = one.ends_at ? Date.parse(one.ends_at) : null;
            const isLate =
              one.unreached > 0 || (closes !== null && ends !== null && ends + 600_000 >= closes);
            return (
              <tr key={one.id}>
                <td className="t-cut" title={one.name}>
                  <Link className="t-quiet" to={`/campaigns/${one.id}`}>
                    {one.name}
                  </Link>
                  {one.is_paused && (
                    <span className="tag tag-warn">
                      <Icon name="pause" />
                      {t('paused')}
                    </span>
                  )}
                </td>
                <td>
                  <Progress
                    part={one.due === 0 ? 0 : one.done / one.due}
                    label={`${t('progress')} ${one.name}`}
                  />
                </td>
                <td className="num">
                  <b>
                    <Opens n={one.done} list={{ figure: 'done', campaign: one.id }} />
                  </b>
                  <span className="ink-3"> / {count(one.due)}</span>
                </td>
                <td className="num">
                  <Rate n={one.answered} of={one.attempts} list={{ figure: 'answered', campaign: one.id }} />
                </td>
                <td className={isLate ? 'num t-late' : 'num'}>
                  {one.unreached > 0 ? t('unreached', { n: one.unreached }) : times.hour(one.ends_at)}
                </td>
              </tr>
            );
          })}
        </NightTable>
      )}
    </Card>
  );
}

const checks: Record<string, 'control' | 'database' | 'home' | 'disk' | 'trunksCheck'> = {
  control: 'control',
  database: 'database',
  home: 'home',
  disk: 'disk',
  trunks: 'trunksCheck',
};

export function Preflight({ board }: { board: Board }) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <Card className="t-card t-preflight" title={t('preflight')}>
      <ul>
        {board.preflight.map((check) => {
          const name = checks[check.name];
          return (
            <li key={check.name}>
              <span className={check.is_well ? 'tag tag-ok' : 'tag tag-bad'}>
                <Icon name={check.is_well ? 'check' : 'cross'} />
                {check.is_well ? t('well') : t('notWell')}
              </span>
              <b>{name ? t(name) : check.name}</b>
              <span className="ink-3 small">{check.reason}</span>
            </li>
          );
        })}
        {board.forecast.median_at && (
          <li>
            <span className="tag tag-info">{t('dryRun')}</span>
            <span>
              {t('dryRunText', { cases: board.sums.due, at: times.hour(board.forecast.median_at) })}
            </span>
          </li>
        )}
      </ul>
    </Card>
  );
}
