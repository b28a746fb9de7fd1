// What happened before: attempts by machine and by agents, the latest first.
import { Link } from 'react-router';
import { Card } from '../../components/Card';
import { DispositionGlyph } from '../../components/DispositionTag';
import { lookOf } from '../../components/dispositions';
import { EmptyLine } from '../../components/EmptyLine';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Talk } from './api';
import { words } from './words';

export function History({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const { language } = useLanguage();
  const { history, notes, patient_id } = talk.case;
  return (
    <Card
      title={t('history')}
      extra={<Link to={`/patients/${patient_id}`}>{t('patientPage')}</Link>}
      className="dk-history"
    >
      {history.length === 0 && notes.length === 0 && <EmptyLine>{t('noHistory')}</EmptyLine>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ol tabIndex={0} aria-label={t('history')}>
        {history.map((attempt) => (
          <li key={attempt.attempt_id}>
            {attempt.disposition !== null && <DispositionGlyph disposition={attempt.disposition} size={13} />}
            <div>
              <p className="dk-event">
                <b>{attempt.agent ?? t('machine')}</b>
                {attempt.disposition !== null && <span>{sayWord(lookOf(attempt.disposition).word)}</span>}
                <span className="ink-3 small">{times.minute(attempt.begun_at)}</span>
              </p>
              <p className="ink-2 small">{attempt.sentence[language]}</p>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}
