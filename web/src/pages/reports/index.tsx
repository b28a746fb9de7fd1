// Reports: how the month was, and which cases stand behind each figure.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Select, Tabs } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, ask, download } from '../../api/client';
import { useMay, useSession } from '../../api/session';
import { EmptyLine } from '../../components/EmptyLine';
import { ErrorLine, FailedCard } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { NoCampaign } from '../../components/NoCampaign';
import { Skeleton } from '../../components/Skeleton';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { CasesDrawer } from './CasesDrawer';
import { Months } from './Months';
import { beforeOf, monthsUntil, stretch } from './months';
import './reports.css';
import type { Figure, Report } from './report';
import { type Before, byKey, Causes, Funnel, Monthly, Questions } from './Tables';
import { words } from './words';

const ALL = 'all';
const MONTHS = 24;
const NOTHING_YET: Before = new Map();

export default function Reports() {
  const t = useWords(words);
  const times = useTimes();
  const { zone } = useSession();
  const mayExport = useMay('export_reports') !== null;
  const [params, setParams] = useSearchParams();
  const [opened, setOpened] = useState<{ report: Report; figure: Figure } | null>(null);
  const campaigns = useQuery({
    queryKey: ['reports', 'campaigns'],
    queryFn: ({ signal }) => ask(api.GET('/api/reports/campaigns', { signal })),
  });
  const months = monthsUntil(times.date(Date.now()), MONTHS);
  const names = campaigns.data?.items.map((one) => one.name) ?? [];
  const campaign = params.get('campaign') ?? names[0] ?? '';
  const month = params.get('month') ?? months[0] ?? ALL;
  const put = (name: string, value: string) =>
    setParams((before) => {
      before.set(name, value);
      return before;
    });
  const found = useQuery({
    queryKey: ['report', campaign, month],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/reports', { params: { query: { campaign, ...stretch(month, zone) } }, signal })),
    enabled: campaign !== '',
  });
  const report = found.data;
  const queries = useQueryClient();
  const open = (figure: Figure) => report !== undefined && setOpened({ report, figure });
  const earlier = beforeOf(month);
  const last = useQuery({
    queryKey: ['report', campaign, earlier],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/reports', {
          params: { query: { campaign, ...stretch(earlier ?? ALL, zone) } },
          signal,
        }),
      ),
    enabled: earlier !== null && report !== undefined,
  });
  // The column is there from the beginning, so that nothing moves when its figures come.
  const before = earlier === null ? null : last.data === undefined ? NOTHING_YET : byKey(last.data);
  const file = useMutation({
    mutationFn: (format: 'xlsx' | 'csv') => {
      const asked = new URLSearchParams({ campaign, format });
      if (report?.from_at) asked.set('from', report.from_at);
      if (report) asked.set('to', report.to_at);
      return download(`/api/reports/file?${asked}`);
    },
  });
  const isEmpty = report?.funnel[0]?.n === 0 && report.others.every((figure) => figure.n === 0);
  const error = campaigns.error ?? found.error;
  return (
    <>
      <PageHeader
        title={t('title')}
        {...(report ? { context: t('asOf', { at: times.minute(report.to_at) }) } : {})}
        actions={
          mayExport && report !== undefined && !isEmpty
            ? (['xlsx', 'csv'] as const).map((form) => (
                <Button
                  key={form}
                  size="small"
                  icon={<Icon name="download" />}
                  loading={file.isPending && file.variables === form}
                  onClick={() => file.mutate(form)}
                >
                  {form.toUpperCase()}
                </Button>
              ))
            : undefined
        }
      />
      <div className="rep">
        <div className="rep-filters">
          <Select
            aria-label={t('campaign')}
            className="rep-campaign"
            value={campaign === '' ? null : campaign}
            loading={campaigns.isLoading}
            onChange={(value) => put('campaign', value)}
            options={names.map((name) => ({ value: name, label: name }))}
          />
          <Select
            aria-label={t('month')}
            className="rep-month"
            value={month}
            onChange={(value) => put('month', value)}
            options={[
              { value: ALL, label: t('allTime') },
              ...months.map((one) => ({ value: one, label: one })),
            ]}
          />
          {file.error !== null && <ErrorLine error={file.error} />}
        </div>
        {error !== null && report === undefined ? (
          <FailedCard error={error} retry={found.refetch} />
        ) : campaigns.data !== undefined && names.length === 0 ? (
          <section className="card">
            <NoCampaign>{t('noCampaign')}</NoCampaign>
          </section>
        ) : report === undefined ? (
          <section className="card">
            <Skeleton rows={10} />
          </section>
        ) : isEmpty ? (
          <section className="card">
            <EmptyLine
              action={
                month === ALL ? undefined : <Button onClick={() => put('month', ALL)}>{t('seeAll')}</Button>
              }
            >
              {month === ALL ? t('emptyAll') : t('emptyMonth')}
            </EmptyLine>
          </section>
        ) : (
          <>
            <Funnel report={report} open={open} />
            <Tabs
              aria-label={t('tabs')}
              activeKey={params.get('part') ?? 'monthly'}
              onChange={(part) => put('part', part)}
              items={[
                {
                  key: 'monthly',
                  label: t('monthly'),
                  children: <Monthly report={report} open={open} before={before} />,
                },
                {
                  key: 'causes',
                  label: t('causes'),
                  children: <Causes report={report} open={open} before={before} />,
                },
                {
                  key: 'months',
                  label: t('months'),
                  children: (
                    <Months
                      campaign={campaign}
                      until={month === ALL ? (months[0] ?? ALL) : month}
                      open={(of, figure) => setOpened({ report: of, figure })}
                    />
                  ),
                },
                {
                  key: 'questions',
                  label: t('questions'),
                  children: <Questions report={report} open={open} />,
                },
              ]}
            />
          </>
        )}
        {report !== undefined && (
          <CasesDrawer
            report={opened?.report ?? report}
            figure={opened?.figure ?? null}
            close={() => setOpened(null)}
            reread={() => {
              setOpened(null);
              void queries.invalidateQueries({ queryKey: ['report'] });
            }}
          />
        )}
      </div>
    </>
  );
}
