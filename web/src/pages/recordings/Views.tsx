// The saved views: five that everybody has, and those of this browser.

import { useState } from 'react';

import { recall, remember } from '../../api/storage';
import { Icon } from '../../components/Icon';
import { useSay, useWords } from '../../i18n';
import css from './recordings.module.css';
import { fromText, type Search, saved, savedFrom, toText, VIEWS } from './search';
import { viewNames, words } from './words';

const KEY = 'aftercall.recordings.views';

interface Props {
  readonly search: Search;
  readonly total: { readonly count: number; readonly exact: boolean } | null;
  readonly onSearch: (search: Search) => void;
}

/** With the number of calls that fit at its end. */
export function Views({ search, total, onSearch }: Props) {
  const t = useWords(words);
  const say = useSay();
  const [views, setViews] = useState(() => savedFrom(recall(KEY)));
  const [name, setName] = useState<string | null>(null);
  const now = toText(search);
  const keep = (next: typeof views): void => {
    setViews(next);
    remember(KEY, JSON.stringify(next));
  };
  const isKnown = [...VIEWS.map((view) => toText(view.search)), ...views.map((view) => view.list)].includes(
    now,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that press, not fields of a form
    <div className={css.views} role="group" aria-label={t('views')}>
      {VIEWS.map((view) => (
        <button
          key={view.id}
          type="button"
          aria-pressed={now === toText(view.search)}
          onClick={() => onSearch(view.search)}
        >
          {say(viewNames[view.id])}
        </button>
      ))}
      {views.map((view) => (
        <span key={view.name} className={css.saved}>
          <button
            type="button"
            aria-pressed={now === view.list}
            onClick={() => onSearch(fromText(view.list))}
          >
            {view.name}
          </button>
          <button
            type="button"
            className={css.drop}
            aria-label={t('removeView', { name: view.name })}
            onClick={() => keep(views.filter((other) => other !== view))}
          >
            <Icon name="cross" size={12} />
          </button>
        </span>
      ))}
      <span className={css.end}>
        {name !== null ? (
          <form
            style={{ display: 'flex', gap: 8 }}
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim() !== '') keep(saved(views, name.trim(), search));
              setName(null);
            }}
          >
            <input
              className={css.field}
              aria-label={t('viewName')}
              placeholder={t('viewName')}
              maxLength={24}
              value={name}
              // biome-ignore lint/a11y/noAutofocus: the field was just asked for
              autoFocus
              onChange={(event) => setName(event.target.value)}
              onKeyDown={(event) => event.key === 'Escape' && setName(null)}
            />
            <button type="submit" className="plain">
              {t('save')}
            </button>
          </form>
        ) : (
          !isKnown && (
            <button type="button" className="plain" onClick={() => setName('')}>
              {t('saveView')}
            </button>
          )
        )}
        <b aria-live="polite">
          {total === null ? t('counting') : t(total.exact ? 'exactly' : 'atLeast', { n: total.count })}
        </b>
      </span>
    </div>
  );
}
