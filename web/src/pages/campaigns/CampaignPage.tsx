// One campaign: when it calls, its limits, its questionnaire, its text.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { count, useTimes } from '../../time';
import { Faults } from './Faults';
import { DeedButtons, fileName, StateTag, Windows } from './List';
import type { Detail } from './states';
import { type Turn, TurnDialog } from './TurnDialog';
import { words } from './words';

export function CampaignPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mayRun = useMay('run_campaigns') !== null;
  const { id = '' } = useParams();
  const [turn, setTurn] = useState<Turn | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['campaigns', id],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/campaigns/{id}', { params: { path: { id: Number(id) } }, signal })),
    enabled: /^\d{1,15}$/.test(id),
    refetchInterval: 15_000,
  });
  const isGone = !/^\d{1,15}$/.test(id) || (error !== null && ApiError.of(error).status === 404);
  if (data === undefined) {
    return (
      <>
        <PageHeader title={t('title')} />
        <div className="fill campaigns" aria-busy={error === null && !isGone}>
          {isGone ? (
            <p className="card c-note">
              {t('notThere')} <Link to="/campaigns">{t('back')}</Link>
            </p>
          ) : error !== null ? (
            <div className="card c-note" role="alert">
              <b>{t('failed')}</b>
              <p className="ink-2">{ApiError.of(error).detail}</p>
              <Button onClick={() => void refetch()}>{t('retry')}</Button>
            </div>
          ) : null}
        </div>
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={data.name}
        context={<StateTag state={data.state} />}
        actions={
          mayRun ? (
            <DeedButtons one={data} act={(deed) => setTurn({ id: data.id, name: data.name, deed })} />
          ) : undefined
        }
      />
      <div className="fill campaigns c-detail">
        <div className="c-column">
          <Facts one={data} />
          <Questions one={data} />
        </div>
        <Card
          className="c-card"
          title={t('text')}
          extra={
            mayRun && (
              <button type="button" className="plain" onClick={() => navigate(`/campaigns/${data.id}/text`)}>
                <Icon name="pencil" size={14} /> {t('edit')}
              </button>
            )
          }
        >
          {data.faults.length > 0 && <Faults faults={data.faults} />}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <pre className="c-text mono" tabIndex={0}>
            {data.text}
          </pre>
        </Card>
      </div>
      <TurnDialog
        turn={turn}
        close={() => setTurn(null)}
        done={() => void queries.invalidateQueries({ queryKey: ['campaigns'] })}
      />
    </>
  );
}

function Facts({ one }: { one: Detail }) {
  const t = useWords(words);
  const times = useTimes();
  const { cases } = one;
  const rows: [string, ReactNode][] = [
    [t('windows'), <Windows key="w" one={one} />],
    [t('closedOfAll'), `${count(cases.closed)} / ${count(cases.all)}`],
    [t('dueOpen'), count(cases.due)],
    [t('inProgress'), count(cases.in_progress)],
    [t('waiting'), count(cases.waiting)],
    [t('trunks'), one.trunks.join(' → ')],
    [t('lines'), one.lines ?? '—'],
    [t('pace'), one.calls_per_second?.toFixed(2) ?? '—'],
    [t('budget'), one.budget == null ? '—' : t('times', { n: one.budget })],
    [t('ring'), one.ring_s == null ? '—' : times.length(one.ring_s * 1000)],
    [t('priority'), one.priority],
    [t('purpose'), one.purpose ?? '—'],
    [t('callers'), one.callers.length === 0 ? '—' : one.callers.join(' · ')],
    [t('created'), times.minute(one.created_at)],
    [t('started'), times.minute(one.started_at)],
    [t('stoppedAt'), times.minute(one.stopped_at)],
  ];
  return (
    <Card className="c-card" title={t('when')}>
      <dl className="c-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

const kinds = ['choice', 'yes_no', 'score', 'number', 'open', 'message'] as const;

function Questions({ one }: { one: Detail }) {
  const t = useWords(words);
  return (
    <Card
      className="c-card c-grow"
      title={t('questions')}
      extra={
        <span className="ink-3 small">
          {fileName(one.dialplan.file)} · {t('version', { v: one.dialplan.version })}
        </span>
      }
    >
      <ol className="c-questions">
        {one.questions.map((question) => {
          const kind = kinds.find((known) => known === question.kind);
          return (
            <li key={question.id}>
              <b>{question.title}</b>
              <span className="tag tag-plain">{kind === undefined ? question.kind : t(kind)}</span>
              {question.is_required && <span className="ink-3 small">{t('required')}</span>}
              <p className="ink-2 small">{question.options.join(' · ')}</p>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
