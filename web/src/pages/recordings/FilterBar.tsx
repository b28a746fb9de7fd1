// The filters over the list. What is on is coloured; each stands in the address.

import { useEffect, useState } from 'react';

import { type Choice, ChoiceField } from '../../components/ChoiceField';
import { DayField } from '../../components/DayField';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useResult } from '../replay/ResultTag';
import { useFilters } from './data';
import css from './recordings.module.css';
import { active, type Filter, type Search } from './search';
import { filterNames, flagNames, reviewNames, words } from './words';

interface Props {
  readonly search: Search;
  readonly onSearch: (search: Search) => void;
}

export function FilterBar({ search, onSearch }: Props) {
  const t = useWords(words);
  const say = useSay();
  const result = useResult();
  const { language } = useLanguage();
  const { data } = useFilters();
  const [text, setText] = useState(search.text ?? '');
  useEffect(() => setText(search.text ?? ''), [search.text]);

  const set = (filter: Filter | 'order', value: string): void => {
    const next = { ...search, [filter]: value };
    if (value === '') delete next[filter];
    onSearch(next);
  };
  const field = (filter: Filter | 'order', label: string, choices: readonly Choice[]) => (
    <ChoiceField
      className={`${css.choice} ${search[filter] === undefined ? '' : css.on}`}
      label={label}
      any={label}
      choices={choices}
      value={search[filter] ?? ''}
      change={(value) => set(filter, value)}
    />
  );
  const select = (filter: Filter, choices: readonly Choice[]) =>
    field(filter, say(filterNames[filter]), choices);
  const counted = (label: string, count: number): string => `${label}  ${count.toLocaleString('en-US')}`;
  const flags = [...new Set([...(data?.flags ?? []), ...(data?.flags_by_hand ?? [])])];
  // A name stands once, however many departments its bearers work in.
  const doctors = new Map<string, number>();
  for (const { name, department, count } of data?.doctors ?? []) {
    if (search.department === undefined || department === search.department)
      doctors.set(name, (doctors.get(name) ?? 0) + count);
  }
  const lengths: readonly Choice[] = [1, 2, 3, 5, 10].map((minutes) => ({
    value: String(minutes * 60_000),
    label: t('minutesOrMore', { n: minutes }),
  }));

  return (
    // biome-ignore lint/a11y/useSemanticElements: a form would send itself at Enter
    <div className={css.filters} role="group" aria-label={t('filters')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set('text', text.trim());
        }}
      >
        <input
          className={`${css.field} ${css.text} ${search.text === undefined ? '' : css.on}`}
          aria-label={t('findText')}
          placeholder={t('findText')}
          maxLength={64}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => text.trim() !== (search.text ?? '') && set('text', text.trim())}
        />
      </form>
      {(['from', 'to'] as const).map((filter) => (
        <DayField
          key={filter}
          className={`${css.day} ${search[filter] === undefined ? '' : css.on}`}
          label={say(filterNames[filter])}
          value={search[filter] ?? ''}
          change={(day) => set(filter, day)}
        />
      ))}
      {select(
        'campaign',
        (data?.campaigns ?? []).map((one) => ({
          value: String(one.id),
          label: counted(one.name, one.count),
        })),
      )}
      {select(
        'department',
        (data?.departments ?? []).map((one) => ({ value: one.name, label: counted(one.name, one.count) })),
      )}
      {select(
        'doctor',
        [...doctors].map(([name, count]) => ({ value: name, label: counted(name, count) })),
      )}
      {select(
        'disposition',
        (data?.dispositions ?? []).map((one) => ({
          value: one.id,
          label: counted(result(one.id), one.count),
        })),
      )}
      {select(
        'cause',
        (data?.causes ?? []).map((one) => ({
          value: one.id,
          label: counted(language === 'zh' ? one.zh : one.id.replaceAll('_', ' '), one.count),
        })),
      )}
      {select(
        'score_at_most',
        [0, 20, 40, 60, 80].map((points) => ({ value: String(points), label: t('points', { n: points }) })),
      )}
      {select(
        'flag',
        flags.map((flag) => ({ value: flag, label: flagNames[flag] ? say(flagNames[flag]) : flag })),
      )}
      {select('length_at_least_ms', lengths)}
      {select(
        'review',
        (['due', 'draft', 'signed', 'appealed'] as const).map((state) => ({
          value: state,
          label: say(reviewNames[state]),
        })),
      )}
      {field('order', t('newest'), [{ value: 'lowest_score', label: t('lowestFirst') }])}
      {active(search).length > 0 && (
        <button
          type="button"
          className="plain"
          onClick={() => onSearch(search.order === undefined ? {} : { order: search.order })}
        >
          {t('clear')}
        </button>
      )}
    </div>
  );
}
