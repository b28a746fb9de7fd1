// Tonight: will it finish in time, and what needs me now?
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useConnection } from '../../api/connection';
import { useMay } from '../../api/session';
import { FailedCard } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import { type Shortcut, useShortcuts } from '../../keys/shortcuts';
import { useBadge } from '../../shell/badges';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { TurnDialog } from '../campaigns/TurnDialog';
import { BehindFigure } from './BehindFigure';
import type { Board, Cell } from './board';
import { Campaigns, Preflight, Results, Trunks } from './cards';
import { Figures } from './Figures';
import { ForecastChart } from './ForecastChart';
import { LineDrawer } from './LineDrawer';
import { LineWall } from './LineWall';
import { Needs } from './Needs';
import { PauseAll } from './PauseAll';
import './tonight.css';
import { useBoard, type Watched } from './useBoard';
import { words } from './words';

export default function Tonight() {
  const watched = useBoard();
  const t = useWords(words);
  const { board, error, retry } = watched;
  useBadge('/tonight', board?.attention.length ?? 0);
  if (board === null) {
    return (
      <>
        <PageHeader title={t('title')} />
        {error === null ? (
          <Skeleton />
        ) : (
          <div className="fill tonight">
            <FailedCard error={error} retry={retry} what={t('failed')} />
          </div>
        )}
      </>
    );
  }
  return <Page watched={watched} board={board} />;
}

function Page({ watched, board }: { watched: Watched; board: Board }) {
  const t = useWords(words);
  const times = useTimes();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { isLost } = useConnection();
  const mayRun = useMay('run_campaigns') !== null;
  const mayTake = useMay('export_reports') !== null;
  const [place, setPlace] = useState<{ trunk: number; line: number } | null>(null);
  const [isFull, setFull] = useState(false);
  const [asksPause, setAsksPause] = useState(false);
  const [resumes, setResumes] = useState<number | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const { night } = board;
  const { now, isStale } = watched;
  const canPause = mayRun && board.campaigns.some((one) => !one.is_paused);

  const keys: Shortcut[] = [
    { keys: 'w', does: words.keyWall, run: () => setFull(!isFull) },
    {
      keys: 'Enter',
      does: words.keyFirst,
      run: () => list.current?.querySelector<HTMLElement>('a, button')?.focus(),
    },
    ...board.campaigns.slice(0, 9).map(
      (one, at): Shortcut => ({
        keys: String(at + 1),
        does: [`任务：${one.name}`, `Campaign: ${one.name}`],
        run: () => navigate(`/campaigns/${one.id}`),
      }),
    ),
  ];
  if (canPause) keys.push({ keys: 'p', does: words.keyPause, run: () => setAsksPause(true) });
  if (isFull) keys.push({ keys: 'Escape', does: words.wallLess, run: () => setFull(false) });
  useShortcuts(keys);

  return (
    <>
      <PageHeader
        title={t('title')}
        context={
          <>
            <span className="t-date">{times.longDay(now)}</span>
            <PhaseTag phase={night.phase} />
            <span className="ink-3 small t-window">
              {night.has_windows
                ? night.opens_at &&
                  t('window', { from: times.hour(night.opens_at), to: times.hour(night.closes_at) })
                : t('anyTime')}
            </span>
          </>
        }
        actions={
          canPause || mayTake ? (
            <>
              {mayTake && (
                <Link className="t-offline" to="/offline-list">
                  <Icon name="list" />
                  {t('offlineList')}
                </Link>
              )}
              {canPause && (
                <Button size="small" icon={<Icon name="pause" />} onClick={() => setAsksPause(true)}>
                  {t('pauseAll')}
                </Button>
              )}
            </>
          ) : undefined
        }
      />
      <div className={isStale ? 'fill tonight t-stale' : 'fill tonight'}>
        {isStale && !isLost && (
          <div className="stale" role="alert">
            <Icon name="warning" />
            {t('stale', { at: times.clock(board.at) })}
          </div>
        )}
        {night.phase === 'empty' && (
          <p className="card t-none">
            {night.next_at
              ? t('emptyNext', { at: `${times.weekday(night.next_at)} ${times.minute(night.next_at)}` })
              : t('empty')}
            <Link to="/campaigns">{t('emptyAct')}</Link>
          </p>
        )}
        {night.phase === 'after' && (
          <p className="card t-none">
            {t('after')}
            <Link to="/reports">{t('report')}</Link>
          </p>
        )}
        <Figures board={board} now={now} />
        <div className="t-grid">
          {night.phase === 'before' || night.phase === 'empty' ? (
            <Preflight board={board} />
          ) : (
            <ForecastChart board={board} now={now} />
          )}
          <LineWall
            board={board}
            isFull={isFull}
            toggle={() => setFull(!isFull)}
            open={(cell: Cell) => setPlace({ trunk: cell.trunk, line: cell.line })}
          />
          <Campaigns board={board} />
          <Results board={board} />
          <div className="t-right">
            <Needs list={list} board={board} resume={setResumes} />
            <Trunks board={board} />
          </div>
        </div>
      </div>
      <BehindFigure board={board} />
      <LineDrawer board={board} place={place} now={now} close={() => setPlace(null)} />
      <PauseAll board={board} open={asksPause} close={() => setAsksPause(false)} />
      <TurnDialog
        turn={
          resumes === null
            ? null
            : {
                id: resumes,
                name: board.campaigns.find((one) => one.id === resumes)?.name ?? '',
                deed: 'resume',
              }
        }
        close={() => setResumes(null)}
        done={() => void queries.invalidateQueries({ queryKey: ['campaigns'] })}
      />
    </>
  );
}

const PHASES = {
  running: ['ok', 'running'],
  paused: ['warn', 'paused'],
  before: ['plain', 'before'],
  after: ['plain', 'after'],
  empty: ['plain', 'emptyTag'],
} as const;

function PhaseTag({ phase }: { phase: Board['night']['phase'] }) {
  const t = useWords(words);
  const [tone, word] = PHASES[phase];
  return (
    <span className={`tag tag-${tone}`}>
      <span className="t-dot" aria-hidden="true" />
      {t(word)}
    </span>
  );
}

/** The page's own shape while its first board is on the way. */
function Skeleton() {
  const t = useWords(words);
  return (
    <div className="fill tonight t-skeleton" role="status" aria-busy="true">
      <span className="unseen">{t('loading')}</span>
      <div className="card t-strip" />
      <div className="t-grid">
        <div className="card" />
        <div className="card" />
        <div className="card" />
        <div className="card" />
        <div className="t-right">
          <div className="card t-needs" />
        </div>
      </div>
    </div>
  );
}
