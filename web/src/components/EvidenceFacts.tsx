// Facts in the order in which they came: when, what in plain words, and as it was received, to be copied.
import { useWords } from '../i18n';
import { Heads } from './Heads';
import './components.css';
import { words } from './words';

export interface Fact {
  id: string | number;
  /** As the page writes times. */
  time?: string;
  /** In plain words. */
  sentence: string;
  /** As it was received: a status line, a Reason, a tone with its confidence. */
  raw?: string;
}

export function EvidenceFacts({ facts }: { facts: readonly Fact[] }) {
  const t = useWords(words);
  const text = () =>
    facts.map((fact) => [fact.time ?? '', fact.sentence, fact.raw ?? ''].join('\t').trim()).join('\n');
  return (
    <div className="facts">
      <table>
        <Heads of={[t('time'), t('fact'), t('detail')]} />
        <tbody>
          {facts.map((fact) => (
            <tr key={fact.id}>
              <td className="mono nowrap">{fact.time}</td>
              <td>{fact.sentence}</td>
              <td className="mono">{fact.raw}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button
        type="button"
        className="plain small"
        onClick={() => void navigator.clipboard.writeText(text())}
      >
        {t('copyAll')}
      </button>
    </div>
  );
}
