// No account yet: the command that makes the first administrator.
import { useState } from 'react';
import { useWords } from '../../i18n';
import { words } from './words';

const COMMAND = 'aftercall user add admin --name NAME --role administrator';

export function FirstStart() {
  const t = useWords(words);
  const [copied, setCopied] = useState(false);
  return (
    <section className="card door-card">
      <h2>{t('firstStart')}</h2>
      <p>{t('firstWhy')}</p>
      <div className="door-command">
        <code className="mono">{COMMAND}</code>
        <button
          type="button"
          className="plain small"
          onClick={() => void navigator.clipboard.writeText(COMMAND).then(() => setCopied(true))}
        >
          {copied ? t('copied') : t('copy')}
        </button>
      </div>
      <p className="ink-2">{t('firstThen')}</p>
    </section>
  );
}
