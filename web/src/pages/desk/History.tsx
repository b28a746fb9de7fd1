// What happened before: messages of the patient, attempts by machine and by agents, the latest first.
import { Button } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { DispositionGlyph } from '../../components/DispositionTag';
import { lookOf } from '../../components/dispositions';
import { EmptyLine } from '../../components/EmptyLine';
import { useLanguage, useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Message, Talk } from './api';
import { words } from './words';

export function History({ talk }: { talk: Talk }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const { language } = useLanguage();
  const { history, messages, notes, patient_id } = talk.case;
  const isEmpty = history.length + messages.length + notes.length === 0;
  return (
    <Card
      title={t('history')}
      extra={<Link to={`/patients/${patient_id}`}>{t('patientPage')}</Link>}
      className="dk-history"
    >
      {isEmpty && <EmptyLine>{t('noHistory')}</EmptyLine>}
      {messages.length > 0 && (
        <ul className="dk-messages" aria-label={t('messages')}>
          {messages.map((message) => (
            <li key={message.id}>
              <Heard message={message} />
            </li>
          ))}
        </ul>
      )}
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

/** A message is heard while its patient is before the agent; the daemon writes down that it was. */
function Heard({ message }: { message: Message }) {
  const t = useWords(words);
  const times = useTimes();
  const mayListen = useMay('listen') !== null;
  const [playing, setPlaying] = useState(false);
  return (
    <>
      <p className="dk-event">
        <b>{t('message')}</b>
        {message.seen_by !== null && (
          <span className="ink-3 small">{t('seenBy', { who: message.seen_by })}</span>
        )}
        <span className="ink-3 small">{times.minute(message.at)}</span>
      </p>
      {mayListen && !playing && (
        <Button size="small" onClick={() => setPlaying(true)}>
          {t('play', { s: Math.round(message.recording_ms / 1000) })}
        </Button>
      )}
      {playing && (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said.
        <audio controls autoPlay src={`/api/call-backs/${message.id}/audio`} aria-label={t('message')} />
      )}
    </>
  );
}
