// One version: its items in order, what keeps it from being published, the preview. A published one is shown and not changed.
import { Button } from 'antd';
import { useState } from 'react';
import type { ApiError } from '../../api/error';
import { useLanguage, useWords } from '../../i18n';
import { useShortcuts } from '../../keys/shortcuts';
import replay from '../replay/Scorecard.module.css';
import { ScorecardItem } from '../replay/ScorecardItem';
import { choose, type Item, type Marks, markOf, total } from '../replay/ScorecardMarks';
import { type Draft, MOST_ITEMS, move, newItem, sum, WHOLE } from './draft';
import { ItemEditor } from './ItemEditor';
import type { Card } from './index';
import css from './scorecards.module.css';
import { words } from './words';

interface Props {
  readonly card: Card;
  readonly busy: boolean;
  readonly failure: ApiError | null;
  readonly onSave: (draft: Draft) => Promise<unknown>;
  readonly onPublish: () => void;
  readonly onNext: () => void;
  readonly onDiscard: () => void;
}

export function Designer({ card, busy, failure, onSave, onPublish, onNext, onDiscard }: Props) {
  const t = useWords(words);
  const { language } = useLanguage();
  const locked = card.published;
  const [draft, setDraft] = useState<Draft>({
    zh: card.zh,
    en: card.en,
    items: card.items as readonly Item[],
  });
  const [dirty, setDirty] = useState(false);
  const [at, setAt] = useState(0);
  const [dragged, setDragged] = useState<number | null>(null);
  const set = (next: Partial<Draft>): void => {
    if (locked) return;
    setDraft({ ...draft, ...next });
    setDirty(true);
  };
  const setItem = (place: number, item: Item): void =>
    set({ items: draft.items.map((one, other) => (other === place ? item : one)) });
  const shift = (from: number, to: number): void => {
    const items = move(draft.items, from, to);
    if (items === draft.items) return;
    set({ items });
    setAt(to);
  };
  const save = (): void => {
    if (!locked && dirty && !busy)
      void onSave(draft).then(
        () => setDirty(false),
        () => undefined,
      );
  };
  useShortcuts([
    { keys: 'Alt+ArrowUp', does: words.keyUp, run: () => shift(at, at - 1) },
    { keys: 'Alt+ArrowDown', does: words.keyDown, run: () => shift(at, at + 1) },
    { keys: 'Ctrl+s', does: words.keySave, run: save },
  ]);
  const all = sum(draft.items);
  const faults = dirty ? [] : card.faults;
  return (
    <>
      <section className={`card ${css.editor}`} aria-label={t('items')}>
        <div className={css.bar}>
          <b className={all === WHOLE ? css.good : css.bad} role="status">
            {all === WHOLE
              ? t('totalGood')
              : `${t('total', { n: all })} · ${all < WHOLE ? t('totalLess', { n: WHOLE - all }) : t('totalMore', { n: all - WHOLE })}`}
          </b>
          <span className={css.gap} />
          {locked ? (
            <Button type="primary" disabled={busy} onClick={onNext}>
              {t('next')}
            </Button>
          ) : (
            <>
              <Button disabled={busy} onClick={onDiscard}>
                {t('discard')}
              </Button>
              <Button disabled={!dirty || busy} onClick={save}>
                {dirty ? t('save') : t('saved')}
              </Button>
              <Button
                type="primary"
                title={t('publishHint')}
                disabled={dirty || busy || card.faults.length > 0}
                onClick={onPublish}
              >
                {t('publish')}
              </Button>
            </>
          )}
        </div>
        {failure !== null && (
          <p className={css.bad} role="alert">
            {failure.detail}
          </p>
        )}
        {locked && <p className={css.hint}>{t('locked')}</p>}
        {faults.length > 0 && (
          <div className={css.faults}>
            <b>{t('faults', { n: faults.length })}</b>
            <ul>
              {faults.map((fault) => (
                <li key={`${fault.place} ${fault.en}`}>
                  <code>{fault.place}</code> {language === 'zh' ? fault.zh : fault.en}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className={css.names}>
          {(['zh', 'en'] as const).map((spoken) => (
            <label key={spoken}>
              {t(spoken === 'zh' ? 'nameZh' : 'nameEn')}
              <input
                disabled={locked}
                maxLength={100}
                value={draft[spoken]}
                onChange={(event) => set({ [spoken]: event.target.value })}
              />
            </label>
          ))}
        </div>
        <ol className={css.items}>
          {draft.items.map((item, place) => (
            <li
              key={item.id}
              draggable={!locked}
              className={dragged === place ? css.dragged : undefined}
              onDragStart={() => setDragged(place)}
              onDragEnd={() => setDragged(null)}
              onDragOver={(event) => {
                if (dragged !== null) event.preventDefault();
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== null) shift(dragged, place);
                setDragged(null);
              }}
              onFocusCapture={() => setAt(place)}
            >
              <ItemEditor
                item={item}
                number={place + 1}
                open={place === at}
                locked={locked}
                onOpen={() => setAt(place)}
                onChange={(next) => setItem(place, next)}
                onMove={(by) => shift(place, place + by)}
                onRemove={() => set({ items: draft.items.filter((_, other) => other !== place) })}
              />
            </li>
          ))}
        </ol>
        {!locked && draft.items.length < MOST_ITEMS && (
          <Button
            onClick={() => {
              set({ items: [...draft.items, newItem(draft.items)] });
              setAt(draft.items.length);
            }}
          >
            {t('addItem')}
          </Button>
        )}
      </section>
      <Preview draft={draft} />
    </>
  );
}

/** As in replay: it can be tried, and nothing is kept. */
function Preview({ draft }: { draft: Draft }) {
  const t = useWords(words);
  const { language } = useLanguage();
  const [marks, setMarks] = useState<Marks>({});
  const [at, setAt] = useState<string | null>(null);
  const reached = total(draft.items, marks);
  return (
    <aside className={`card ${css.preview}`} aria-label={t('preview')}>
      <p className={css.hint}>{t('preview')}</p>
      <div className={replay.head}>
        <h3>{language === 'zh' ? draft.zh : draft.en}</h3>
      </div>
      <div className={replay.items}>
        {draft.items.map((item, place) => (
          <ScorecardItem
            key={item.id}
            item={item}
            number={place + 1}
            mark={markOf(marks, item.id)}
            focused={at === item.id}
            locked={false}
            onFocus={() => setAt(item.id)}
            onChoose={(option) => setMarks(choose(marks, item, option))}
          />
        ))}
      </div>
      <div className={replay.foot}>
        <div className={replay.sum}>
          <b className={reached.fatal ? replay.zero : undefined}>{reached.score}</b>
          <span>/ {reached.of}</span>
        </div>
      </div>
    </aside>
  );
}
