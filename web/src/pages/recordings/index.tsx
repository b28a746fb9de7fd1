// /recordings: find the call.

import { useCallback, useEffect, useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { Skeleton } from '../../components/Skeleton';
import { useSay, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import { PageHeader } from '../../shell/header';
import { type CallLine, useCalls, useWithout } from './data';
import { FilterBar } from './FilterBar';
import { Preview } from './Preview';
import { lowestQuestion, Rows } from './Rows';
import css from './recordings.module.css';
import { active, fromText, type Search, toText, without } from './search';
import { Views } from './Views';
import { filterNames, words } from './words';

/** Filters in the address, the list, and the five seconds of the lowest answer beside it. */
export default function RecordingsPage() {
  const t = useWords(words);
  const navigate = useNavigate();
  const [address, setAddress] = useSearchParams();
  const search = useMemo(() => fromText(address.toString()), [address]);
  const list = toText(search);
  const mayListen = useMay('listen') !== null;
  const found = useCalls(search);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = found;
  const calls = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const total = data?.pages[0]?.total ?? null;
  const [current, setCurrent] = useState(0);
  const [asked, setAsked] = useState(0);
  const [sounding, setSounding] = useState(false);
  const line = calls[current];

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first row
  useEffect(() => {
    setCurrent(0);
    setAsked(0);
  }, [list]);
  // The search looks at some time of calls and goes on with the next page: an empty page is not the end.
  useEffect(() => {
    if (calls.length === 0 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [calls.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const change = (next: Search): void => setAddress(toText(next));
  const place = useCallback(
    (id: number, question: string | null): string => {
      const to = new URLSearchParams();
      if (question !== null) to.set('q', question);
      to.set('list', list);
      return `/recordings/${id}?${to}`;
    },
    [list],
  );
  const addressOf = useCallback((call: CallLine) => place(call.id, lowestQuestion(call)), [place]);
  const open = (call: CallLine | undefined): void => {
    if (call !== undefined) navigate(addressOf(call));
  };
  const move = (by: number): void => {
    setAsked(0);
    setCurrent((at) => Math.min(Math.max(at + by, 0), Math.max(calls.length - 1, 0)));
  };
  const choose = useCallback((at: number) => {
    setAsked(0);
    setCurrent(at);
  }, []);
  const hear = (at: number): void => {
    setCurrent(at);
    setAsked((count) => (at === current ? count + 1 : 1));
  };
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);

  useShortcuts([
    { keys: 'j', does: words.nextRow, run: () => move(1) },
    { keys: 'k', does: words.previousRow, run: () => move(-1) },
    { keys: 'ArrowDown', does: words.nextRow, run: () => move(1) },
    { keys: 'ArrowUp', does: words.previousRow, run: () => move(-1) },
    { keys: 'Enter', does: words.openRow, run: () => open(line) },
    ...(mayListen
      ? [{ keys: 'Space', does: words.hearLowest, run: () => line !== undefined && hear(current) }]
      : []),
  ]);

  const isEmpty = data !== undefined && calls.length === 0 && !hasNextPage;
  return (
    <>
      <PageHeader title={t('title')} />
      <div className={css.page}>
        <section className={`card ${css.card}`} aria-label={t('title')}>
          <Views search={search} total={total} onSearch={change} />
          <FilterBar search={search} onSearch={change} />
          {error !== null && calls.length === 0 ? (
            <Failed error={ApiError.of(error)} onRetry={() => void refetch()} />
          ) : isEmpty ? (
            <Empty search={search} onSearch={change} />
          ) : data === undefined || calls.length === 0 ? (
            <div className={css.grid} aria-busy="true">
              <Skeleton rows={10} />
              {data !== undefined && <p className={css.state}>{t('searching')}</p>}
            </div>
          ) : (
            <Rows
              calls={calls}
              total={total?.exact === true ? total.count : null}
              current={current}
              sounding={sounding}
              mayListen={mayListen}
              more={isFetchingNextPage ? 'reading' : hasNextPage ? 'more' : 'end'}
              address={addressOf}
              onCurrent={choose}
              onOpen={open}
              onHear={hear}
              onMore={more}
            />
          )}
        </section>
        <aside className={`card ${css.card} ${css.side}`} aria-label={t('preview')}>
          {line === undefined ? (
            <p className={css.facts}>{t('previewEmpty')}</p>
          ) : (
            <Preview
              key={line.id}
              line={line}
              address={(question) => place(line.id, question)}
              asked={asked}
              onSounding={setSounding}
            />
          )}
        </aside>
      </div>
    </>
  );
}

function Empty({ search, onSearch }: { search: Search; onSearch: (search: Search) => void }) {
  const t = useWords(words);
  const say = useSay();
  const others = useWithout(search, true);
  if (active(search).length === 0) return <p className={css.state}>{t('emptyAll')}</p>;
  return (
    <div className={css.state} role="status">
      <p>{t('empty')}</p>
      {others.map(({ filter, count, exact }) => (
        <button
          key={filter}
          type="button"
          className="plain"
          onClick={() => onSearch(without(search, filter))}
        >
          {t(exact ? 'removeFilter' : 'removeFilterMore', { filter: say(filterNames[filter]), n: count })}
        </button>
      ))}
      {others.length === 0 && (
        <button type="button" className="plain" onClick={() => onSearch({})}>
          {t('clear')}
        </button>
      )}
    </div>
  );
}

function Failed({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const t = useWords(words);
  return (
    <div className={css.state} role="alert">
      <p>{t('failed')}</p>
      {error.detail !== '' && <p>{error.detail}</p>}
      {error.instance !== undefined && (
        <p className={css.mono}>
          {t('number')} {error.instance}
        </p>
      )}
      <button type="button" className="plain" onClick={onRetry}>
        {t('retry')}
      </button>
    </div>
  );
}
