// One item of a scorecard: its words, its options as buttons, its note. The designer's preview draws it, too.
import { useLanguage, useWords } from '../../i18n';
import css from './Scorecard.module.css';
import type { Item, Mark } from './ScorecardMarks';
import { words } from './ScorecardWords';

/** The words of a pair in the language that is on. */
export function useSaid(): (pair: { zh: string; en: string }) => string {
  const { language } = useLanguage();
  return (pair) => (language === 'zh' ? pair.zh : pair.en);
}

interface Props {
  readonly item: Item;
  readonly number: number;
  readonly mark: Mark;
  readonly focused: boolean;
  /** Nothing can be changed. */
  readonly locked: boolean;
  readonly onFocus: () => void;
  readonly onChoose?: (option: number) => void;
  readonly onNote?: (note: string) => void;
}

export function ScorecardItem({ item, number, mark, focused, locked, onFocus, onChoose, onNote }: Props) {
  const t = useWords(words);
  const said = useSaid();
  const name = said(item);
  const hint = said({ zh: item.hint_zh ?? '', en: item.hint_en ?? '' });
  return (
    <fieldset
      className={focused ? `${css.item} ${css.focused}` : css.item}
      data-item={item.id}
      disabled={locked && onChoose === undefined && onNote === undefined ? undefined : locked}
      onFocusCapture={() => {
        if (!focused) onFocus();
      }}
    >
      <legend className={css.legend}>
        <button type="button" className={css.name} title={hint} onClick={onFocus}>
          <span className={css.number}>{number}</span>
          <span>{name}</span>
        </button>
        {item.fatal ? (
          <span className="fatal">{t('fatal')}</span>
        ) : (
          <span className={css.points}>{t('points', { n: item.weight })}</span>
        )}
      </legend>
      <div className={css.options}>
        {item.options.map((option, at) => {
          const on = mark.option === at;
          const label =
            option.fails === true
              ? t('failing', { name: said(option) })
              : t('option', { name: said(option), points: option.points });
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is what is stored of an option
              key={at}
              type="button"
              className={
                on
                  ? option.fails === true
                    ? `${css.option} ${css.fails}`
                    : `${css.option} ${css.on}`
                  : css.option
              }
              aria-pressed={on}
              aria-label={`${name}：${label}`}
              title={label}
              disabled={locked}
              // The item grows when it has the focus: not under the pointer, between press and release.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => {
                onChoose?.(at);
                if (!focused) onFocus();
              }}
            >
              {item.fatal ? said(option) : option.points}
            </button>
          );
        })}
      </div>
      {focused && hint !== '' && !locked && <p className={css.hint}>{hint}</p>}
      {locked
        ? mark.note !== '' && <p className={css.note}>{mark.note}</p>
        : (focused || mark.note !== '') && (
            <textarea
              className={css.noteField}
              aria-label={`${name}：${t('note')}`}
              placeholder={t('notePlace')}
              rows={focused ? 2 : 1}
              maxLength={2000}
              value={mark.note}
              onChange={(event) => onNote?.(event.target.value)}
            />
          )}
    </fieldset>
  );
}
