// The same figures of several months side by side; each opens its own list.
import { useQueries } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { CardError } from '../../components/ErrorLine';
import { FigureLink } from '../../components/FigureLink';
import { Scroll } from '../../components/Scroll';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useWords } from '../../i18n';
import { NOTHING } from '../../time';
import { stretch, upTo } from './months';
import type { Figure, Report } from './report';
import { byKey } from './Tables';
import { words } from './words';

const MONTHS = 6;

/** The parts of a report whose figures are compared. */
const parts = (report: Report) =>
  [
    ['counts', [...report.funnel, ...report.others]],
    ['outcomes', report.outcomes],
    ['causesOf', report.causes],
  ] as const;

export function Months({
  campaign,
  until,
  open,
}: {
  campaign: string;
  until: string;
  open: (report: Report, figure: Figure) => void;
}) {
  const t = useWords(words);
  const { zone } = useSession();
  const months = upTo(until, MONTHS);
  const found = useQueries({
    queries: months.map((month) => ({
      queryKey: ['report', campaign, month],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        ask(api.GET('/api/reports', { params: { query: { campaign, ...stretch(month, zone) } }, signal })),
    })),
  });
  const failed = found.find((one) => one.error !== null);
  if (failed !== undefined) return <CardError error={failed.error} retry={failed.refetch} />;
  if (found.some((one) => one.data === undefined)) return <Skeleton rows={12} />;
  const reports = found.flatMap((one) => (one.data === undefined ? [] : [one.data]));
  return (
    <div className="rep-tables rep-one">
      {(['counts', 'outcomes', 'causesOf'] as const).map((part) => (
        <Card key={part} title={t(part)} extra={<span>{t('monthsWhat', { n: MONTHS })}</span>}>
          <Side part={part} months={months} reports={reports} open={open} title={t(part)} />
        </Card>
      ))}
    </div>
  );
}

function Side({
  part,
  months,
  reports,
  open,
  title,
}: {
  part: 'counts' | 'outcomes' | 'causesOf';
  months: readonly string[];
  reports: readonly Report[];
  open: (report: Report, figure: Figure) => void;
  title: string;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const rows = new Map<string, Figure>();
  for (const report of [...reports].reverse()) {
    for (const [name, figures] of parts(report)) {
      if (name !== part) continue;
      for (const figure of figures) if (!rows.has(figure.key)) rows.set(figure.key, figure);
    }
  }
  const columns = reports.map((report) => ({ report, figures: byKey(report) }));
  return (
    <Scroll className="rep-side" label={title}>
      <table className="rep-table">
        <thead>
          <tr>
            <th scope="col">{t('figure')}</th>
            {months.map((month) => (
              <th scope="col" className="num" key={month}>
                {month}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows.values()].map((row) => (
            <tr key={row.key}>
              <th scope="row">{row[language]}</th>
              {columns.map(({ report, figures }, at) => {
                const figure = figures?.get(row.key);
                const isEmpty = figure === undefined || (figure.n === 0 && !figure.d);
                return (
                  <td className="num" key={months[at]}>
                    {isEmpty ? (
                      <span className="ink-3" title={t('notYet')}>
                        {NOTHING}
                      </span>
                    ) : (
                      <>
                        <FigureLink n={figure.n} onOpen={() => open(report, figure)} />
                        {typeof figure.rate === 'number' && (
                          <span className="ink-3 small rep-month-rate">{figure.rate.toFixed(2)}%</span>
                        )}
                      </>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
