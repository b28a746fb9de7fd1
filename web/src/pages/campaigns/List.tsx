// The list: chips by state, one row for each campaign, its acts in place.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { useMay } from '../../api/session';
import { CardError } from '../../components/ErrorLine';
import { Heads } from '../../components/Heads';
import { Icon } from '../../components/Icon';
import { Segments } from '../../components/Segments';
import { Progress } from '../../components/StackBar';
import { useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { PageHeader } from '../../shell/header';
import { count, NOTHING, useTimes } from '../../time';
import { windowsOf } from '../../time/windows';
import { type Campaign, deeds, STANDINGS, type Standing, tones } from './states';
import { type Turn, TurnDialog } from './TurnDialog';
import { words } from './words';

const KEY = ['campaigns'] as const;

export function List() {
  const t = useWords(words);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayRun = useMay('run_campaigns') !== null;
  const maySeeTonight = useMay('see_tonight') !== null;
  const [params, setParams] = useSearchParams();
  const [turn, setTurn] = useState<Turn | null>(null);
  const chosen = STANDINGS.find((state) => state === params.get('state'));
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.GET('/api/campaigns', { signal })),
    refetchInterval: 15_000,
  });
  const tonight = useQuery({
    queryKey: ['tonight', 'once'],
    queryFn: ({ signal }) => ask(api.GET('/api/tonight', { signal })),
    enabled: maySeeTonight,
    refetchInterval: 60_000,
  });
  useShortcuts(mayRun ? [{ keys: 'n', does: words.keyNew, run: () => navigate('/campaigns/new') }] : []);
  const all = data?.items ?? [];
  const shown = chosen === undefined ? all : all.filter((one) => one.state === chosen);
  const endsOf = (id: number) => tonight.data?.campaigns.find((one) => one.id === id);
  const choose = (state: Standing | undefined) => setParams(state === undefined ? {} : { state });

  return (
    <>
      <PageHeader
        title={t('title')}
        actions={
          mayRun ? (
            <Button size="small" icon={<Icon name="plus" />} onClick={() => navigate('/campaigns/new')}>
              {t('new')}
            </Button>
          ) : undefined
        }
      />
      <div className="fill campaigns">
        <Segments
          label={t('states')}
          segments={[
            { value: undefined, shown: `${t('all')} ${all.length}` },
            ...STANDINGS.map((state) => ({
              value: state,
              shown: `${t(state)} ${all.filter((one) => one.state === state).length}`,
            })),
          ]}
          value={chosen}
          change={choose}
        />
        <section className="card c-list" aria-busy={data === undefined}>
          {error !== null && data === undefined ? (
            <CardError error={error} retry={refetch} what={t('failed')} />
          ) : data !== undefined && shown.length === 0 ? (
            <p className="c-note">
              {all.length === 0 ? t('empty') : t('emptyState', { n: all.length })}{' '}
              {all.length > 0 ? (
                <button type="button" className="plain" onClick={() => choose(undefined)}>
                  {t('showAll')}
                </button>
              ) : (
                mayRun && <Link to="/campaigns/new">{t('new')}</Link>
              )}
            </p>
          ) : (
            <table className="sheet c-table">
              <Heads
                of={[
                  t('name'),
                  t('dialplan'),
                  t('windows'),
                  { name: t('dueOpen'), className: 'num' },
                  { name: t('closedOfAll'), className: 'num' },
                  { name: t('closedOfAll'), className: 'c-progress', isUnseen: true },
                  { name: t('ends'), className: 'num' },
                  t('state'),
                  mayRun && { name: t('acts'), className: 'num' },
                ]}
              />
              <tbody>
                {shown.map((one) => (
                  <Row
                    key={one.id}
                    one={one}
                    ends={endsOf(one.id)?.ends_at}
                    act={mayRun ? (deed) => setTurn({ id: one.id, name: one.name, deed }) : undefined}
                  />
                ))}
              </tbody>
            </table>
          )}
        </section>
      </div>
      <TurnDialog
        turn={turn}
        close={() => setTurn(null)}
        done={() => void queries.invalidateQueries({ queryKey: KEY })}
      />
    </>
  );
}

function Row({
  one,
  ends,
  act,
}: {
  one: Campaign;
  ends: string | null | undefined;
  act: ((deed: Turn['deed']) => void) | undefined;
}) {
  const t = useWords(words);
  const times = useTimes();
  const { cases } = one;
  return (
    <tr>
      <td>
        <Link className="c-name" to={`/campaigns/${one.id}`}>
          {one.name}
        </Link>
        {one.purpose && <span className="ink-3 small"> {one.purpose}</span>}
      </td>
      <td title={one.dialplan.file}>
        {fileName(one.dialplan.file)} <span className="ink-3 mono">{one.dialplan.version}</span>
      </td>
      <td>
        <Windows one={one} />
      </td>
      <td className="num">{count(cases.due + cases.in_progress)}</td>
      <td className="num">
        <b>{count(cases.closed)}</b>
        <span className="ink-3"> / {count(cases.all)}</span>
      </td>
      <td>
        <Progress
          part={cases.all === 0 ? 0 : cases.closed / cases.all}
          label={`${t('closedOfAll')} ${one.name}`}
        />
      </td>
      <td className="num">{ends ? times.hour(ends) : NOTHING}</td>
      <td>
        <StateTag state={one.state} />
      </td>
      {act && (
        <td className="num c-acts">
          <DeedButtons one={one} act={act} />
        </td>
      )}
    </tr>
  );
}

/** What may be done with a campaign from where it stands. */
export function DeedButtons({ one, act }: { one: Campaign; act: (deed: Turn['deed']) => void }) {
  const t = useWords(words);
  return deeds[one.state].map((deed) => (
    <Button
      key={deed}
      size="small"
      onClick={() => act(deed)}
      aria-label={t(`${deed}Title`, { name: one.name })}
    >
      {t(deed)}
    </Button>
  ));
}

export function StateTag({ state }: { state: Standing }) {
  const t = useWords(words);
  const [tone, icon] = tones[state];
  return (
    <span className={`tag tag-${tone}`}>
      <Icon name={icon} />
      {t(state)}
    </span>
  );
}

export function Windows({ one }: { one: Campaign }) {
  const t = useWords(words);
  const times = useTimes();
  if (one.windows.length > 0) {
    return windowsOf({ windows: one.windows, zone: times.zone });
  }
  return (
    <>
      {t('noWindow')}
      {one.next_at && (
        <span className="ink-3">
          {' '}
          {t('next', { at: `${times.weekday(one.next_at)} ${times.minute(one.next_at)}` })}
        </span>
      )}
    </>
  );
}

export const fileName = (path: string): string => (path.split(/[/\\]/).pop() ?? path).replace(/\.toml$/, '');
