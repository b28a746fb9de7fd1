// Why a thing is as it is: a plain sentence, and one step to the evidence.
import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import './components.css';
import { words } from './words';

export function WhyLine({
  result,
  children,
  colour = '--d-complete',
  onEvidence,
}: {
  /** What is explained: 完成. */
  result: string;
  children: ReactNode;
  /** The variable of the result's colour: lookOf(disposition).colour. */
  colour?: string;
  onEvidence?: () => void;
}) {
  const t = useWords(words);
  return (
    <div className="why" style={{ borderLeftColor: `var(${colour})` }}>
      <b>{t('why', { result })}</b>
      {children}
      {onEvidence !== undefined && (
        <button type="button" className="plain" onClick={onEvidence}>
          {t('evidence')}
        </button>
      )}
    </div>
  );
}
