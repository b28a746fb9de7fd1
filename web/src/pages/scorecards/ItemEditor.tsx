// One item while it is designed.
import { useLanguage, useWords } from '../../i18n';
import type { Item, Option } from '../replay/ScorecardMarks';
import { MOST_OPTIONS, makeFatal, weigh } from './draft';
import css from './scorecards.module.css';
import { words } from './words';

interface Props {
  readonly item: Item;
  readonly number: number;
  readonly open: boolean;
  readonly locked: boolean;
  readonly onOpen: () => void;
  readonly onChange: (item: Item) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}

const whole = (text: string): number => Math.min(1_000, Number(text.replace(/\D/g, '').slice(0, 4)));

export function ItemEditor({ item, number, open, locked, onOpen, onChange, onMove, onRemove }: Props) {
  const t = useWords(words);
  const { language } = useLanguage();
  const text = (name: 'zh' | 'en' | 'hint_zh' | 'hint_en' | 'question', label: string, title?: string) => (
    <label title={title}>
      {label}
      <input
        disabled={locked}
        maxLength={200}
        value={item[name] ?? ''}
        onChange={(event) => onChange({ ...item, [name]: event.target.value })}
      />
    </label>
  );
  const setOption = (at: number, next: Partial<Option>): void =>
    onChange({
      ...item,
      options: item.options.map((one, other) => (other === at ? { ...one, ...next } : one)),
    });
  return (
    <>
      <div className={css.row}>
        <button
          type="button"
          className={css.name}
          aria-expanded={open}
          title={t('moveHint')}
          onClick={onOpen}
        >
          <span>{number}</span>
          <span>{language === 'zh' ? item.zh : item.en}</span>
        </button>
        {item.fatal && <span className="fatal">{t('fatal')}</span>}
        <label className={css.weight}>
          <span className="unseen">
            {number} {t('weight')}
          </span>
          <input
            inputMode="numeric"
            disabled={locked}
            value={String(item.weight)}
            onChange={(event) => onChange(weigh(item, whole(event.target.value)))}
          />
        </label>
      </div>
      {open && (
        <div className={css.fields}>
          {text('zh', t('textZh'))}
          {text('en', t('textEn'))}
          {text('hint_zh', t('hintZh'))}
          {text('hint_en', t('hintEn'))}
          {text('question', t('question'), t('questionHint'))}
          <label className={css.check}>
            <input
              type="checkbox"
              disabled={locked}
              checked={item.fatal}
              onChange={(event) => onChange(makeFatal(item, event.target.checked))}
            />
            {t('fatal')}
          </label>
          <fieldset className={css.options}>
            <legend>{t('options')}</legend>
            {item.options.map((option, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place
              <div key={at}>
                {(['zh', 'en'] as const).map((spoken) => (
                  <input
                    key={spoken}
                    aria-label={t(spoken === 'zh' ? 'optionZh' : 'optionEn', { n: at + 1 })}
                    disabled={locked}
                    maxLength={200}
                    value={option[spoken]}
                    onChange={(event) => setOption(at, { [spoken]: event.target.value })}
                  />
                ))}
                <input
                  className={css.points}
                  aria-label={t('points', { n: at + 1 })}
                  inputMode="numeric"
                  disabled={locked}
                  value={String(option.points)}
                  onChange={(event) => setOption(at, { points: whole(event.target.value) })}
                />
                {item.fatal && (
                  <label className={css.check}>
                    <input
                      type="checkbox"
                      disabled={locked}
                      checked={option.fails === true}
                      onChange={(event) => setOption(at, { fails: event.target.checked })}
                    />
                    {t('fails')}
                  </label>
                )}
                {!locked && item.options.length > 2 && (
                  <button
                    type="button"
                    aria-label={t('removeOption', { n: at + 1 })}
                    onClick={() =>
                      onChange({ ...item, options: item.options.filter((_, other) => other !== at) })
                    }
                  >
                    ×
                  </button>
                )}
              </div>
            ))}
            {!locked && item.options.length < MOST_OPTIONS && (
              <button
                type="button"
                onClick={() =>
                  onChange({
                    ...item,
                    options: [...item.options, { zh: '', en: '', points: 0, fails: false }],
                  })
                }
              >
                {t('addOption')}
              </button>
            )}
          </fieldset>
          {!locked && (
            <div className={css.tools}>
              <button type="button" onClick={() => onMove(-1)}>
                {t('up')}
              </button>
              <button type="button" onClick={() => onMove(1)}>
                {t('down')}
              </button>
              <button type="button" onClick={onRemove}>
                {t('removeItem')}
              </button>
            </div>
          )}
        </div>
      )}
    </>
  );
}
