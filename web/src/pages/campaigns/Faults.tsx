// The faults of a text, each with its place; pressing one goes there.
import { useLanguage, useWords } from '../../i18n';
import { type Fault, sayFault } from './sayings';
import { words } from './words';

export function Faults({ faults, goTo }: { faults: readonly Fault[]; goTo?: (fault: Fault) => void }) {
  const t = useWords(words);
  const { language } = useLanguage();
  return (
    <ul className="c-faults" aria-live="polite">
      {faults.map((fault) => (
        <li key={`${fault.line}:${fault.column}:${fault.message}`}>
          <span className={fault.is_warning ? 'tag tag-warn' : 'tag tag-bad'}>
            {fault.is_warning ? t('warning') : t('error')}
          </span>
          {goTo ? (
            <button type="button" className="plain mono" onClick={() => goTo(fault)}>
              {t('atPlace', { line: fault.line, column: fault.column })}
            </button>
          ) : (
            <span className="mono ink-3">{t('atPlace', { line: fault.line, column: fault.column })}</span>
          )}
          <span>{sayFault(fault, language)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Where a place of a text is, counted in UTF-16 units as a text field does. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const inLine = [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length;
  return Math.min(before + inLine, text.length);
}
