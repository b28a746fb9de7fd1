// The work calendar of a year, and when each campaign may call next.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useMay, useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { FailedCard } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Scroll } from '../../components/Scroll';
import { Skeleton } from '../../components/Skeleton';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { windowsOf } from '../../time/windows';
import { monthsOf } from './calendar-year';
import { ownCalendar } from './setting-lines';
import { SETTINGS } from './Trunks';
import { words } from './words';

export default function Calendars() {
  const t = useWords(words);
  const [asked, setAsked] = useState<number | null>(null);
  const found = useQuery({
    queryKey: ['settings', 'calendar', asked],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/settings/calendar', {
          params: { query: asked === null ? {} : { year: asked } },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  });
  const settings = useQuery({
    queryKey: SETTINGS,
    queryFn: ({ signal }) => ask(api.GET('/api/settings', { signal })),
  });
  const own = ownCalendar(settings.data?.settings ?? []);
  const maySeeCampaigns = useMay('see_campaigns') !== null;
  if (found.isPending) return <Skeleton rows={10} />;
  if (found.isError) {
    return <FailedCard error={found.error} retry={found.refetch} />;
  }
  const { year, days, is_known, today } = found.data;
  return (
    <Scroll className="scroll settings-cards" label={t('calendars')}>
      <Card
        title={t('calendarWhat')}
        refreshing={found.isFetching}
        extra={
          <>
            <Button
              size="small"
              aria-label={t('earlier')}
              icon={<Icon name="left" />}
              onClick={() => setAsked(year - 1)}
            />
            <b>{year}</b>
            <Button
              size="small"
              aria-label={t('later')}
              icon={<Icon name="right" />}
              onClick={() => setAsked(year + 1)}
            />
          </>
        }
      >
        <p className="settings-note">
          {is_known ? (
            <span className="settings-key">
              <i className="day day-holiday" aria-hidden="true" /> {t('holiday')}
              <i className="day day-worked" aria-hidden="true" /> {t('makeUp')}
              <i className="day day-weekend" aria-hidden="true" /> {t('weekend')}
              <i className="day day-today" aria-hidden="true" /> {t('todayIs')}
            </span>
          ) : (
            <span>
              <Icon name="warning" /> {t('unknownYear', { year })}
            </span>
          )}
          <span className="ink-2">
            {typeof own?.value === 'string'
              ? t('calendarOwn', { file: own.value, line: own.line })
              : t('calendarShipped')}
          </span>
        </p>
        <div className="settings-year">
          {monthsOf(year).map(({ month, weeks }) => (
            <table key={month} className="settings-month">
              <caption>{t('monthName', { n: month })}</caption>
              <thead>
                <tr>
                  {[...t('weekdays')].map((name, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: seven days in their order
                    <th key={at} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {weeks.map((week) => (
                  <tr key={week.find((date) => date !== null)}>
                    {week.map((date, weekday) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: seven days in their order
                      <td key={weekday}>
                        {date !== null && (
                          <Day
                            date={date}
                            isWeekend={weekday > 4}
                            isToday={date === today}
                            special={days.find((day) => day.date === date)}
                          />
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          ))}
        </div>
      </Card>
      {maySeeCampaigns && <NextOpen />}
    </Scroll>
  );
}

function Day({
  date,
  isWeekend,
  isToday,
  special,
}: {
  date: string;
  isWeekend: boolean;
  isToday: boolean;
  special: { kind: 'holiday' | 'make_up_day'; name: string } | undefined;
}) {
  const t = useWords(words);
  const kind =
    special?.kind === 'holiday'
      ? 'day-holiday'
      : special?.kind === 'make_up_day'
        ? 'day-worked'
        : isWeekend
          ? 'day-weekend'
          : '';
  const word = special && `${special.name} · ${t(special.kind === 'holiday' ? 'holiday' : 'makeUp')}`;
  return (
    <span className={`day ${kind} ${isToday ? 'day-today' : ''}`} title={word}>
      {Number(date.slice(8))}
      {word && <span className="unseen"> {word}</span>}
    </span>
  );
}

function NextOpen() {
  const t = useWords(words);
  const times = useTimes();
  const { zone } = useSession();
  const found = useQuery({
    queryKey: ['campaigns'],
    queryFn: ({ signal }) => ask(api.GET('/api/campaigns', { signal })),
  });
  return (
    <Card title={t('nextOpen')} read={found} rows={2} rowHeight={32}>
      {found.data?.items.length === 0 && <EmptyLine>{t('noCampaigns')}</EmptyLine>}
      <ul className="settings-open">
        {found.data?.items.map((one) => (
          <li key={one.id}>
            <b>{one.name}</b>
            <span>
              {one.windows.length > 0 &&
                t('openToday', {
                  windows: windowsOf({ windows: one.windows, zone }),
                })}
            </span>
            <span className="ink-2">
              {one.next_at && Date.parse(one.next_at) > Date.now()
                ? t('nextAt', { at: times.minute(one.next_at) })
                : one.windows.length === 0
                  ? t('neverOpen')
                  : ''}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
