// Faults of a file or a form: where, the sentence, and what puts it right.
import { Button } from 'antd';
import { useWords } from '../i18n';
import './components.css';
import { EmptyLine } from './EmptyLine';
import { Icon } from './Icon';
import { words } from './words';

export interface Fault {
  id: string | number;
  line?: number;
  column?: number;
  /** The field or the heading. */
  field?: string;
  sentence: string;
  repair?: string;
  /** How many rows have the same fault. */
  rows?: number;
}

export function FaultList({
  faults,
  chosen,
  onChoose,
  onApply,
}: {
  faults: readonly Fault[];
  chosen?: Fault['id'];
  onChoose?: (fault: Fault) => void;
  onApply?: (fault: Fault) => void;
}) {
  const t = useWords(words);
  if (faults.length === 0) return <EmptyLine>{t('noFaults')}</EmptyLine>;
  return (
    <ol className="faults">
      {faults.map((fault) => (
        <li key={fault.id} className={fault.id === chosen ? 'is-chosen' : undefined}>
          <Icon name="warning" />
          <div>
            <p>
              {fault.line !== undefined && (
                <span className="mono ink-3">
                  {fault.column === undefined
                    ? t('line', { line: fault.line })
                    : t('lineColumn', { line: fault.line, column: fault.column })}{' '}
                </span>
              )}
              {fault.field !== undefined && <b>{fault.field} </b>}
              {onChoose === undefined ? (
                fault.sentence
              ) : (
                <button type="button" className="plain" onClick={() => onChoose(fault)}>
                  {fault.sentence}
                </button>
              )}
            </p>
            {fault.repair !== undefined && <p className="ink-2 small">{fault.repair}</p>}
            {onApply !== undefined && fault.rows !== undefined && (
              <Button size="small" onClick={() => onApply(fault)}>
                {t('applyTo', { n: fault.rows })}
              </Button>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
