// The line of what happened: encounters ▭, attempts ● with their answers as keycaps, notes.
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { DispositionTag } from '../../components/DispositionTag';
import { EmptyLine } from '../../components/EmptyLine';
import { Keycap } from '../../components/Keycap';
import { useLanguage, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { type Answer, type Event, eventsOf, isLow, type PatientPage } from './timeline';
import { words } from './words';

export function Timeline({ page }: { page: PatientPage }) {
  const t = useWords(words);
  const events = eventsOf(page);
  if (events.length === 0) return <EmptyLine>{t('empty')}</EmptyLine>;
  return (
    <ol className="p-line">
      {events.map((event) => (
        <li key={event.key} className={`p-event p-${event.kind}`}>
          <Shown event={event} />
        </li>
      ))}
    </ol>
  );
}

function Shown({ event }: { event: Event }) {
  switch (event.kind) {
    case 'encounter':
      return <EncounterShown event={event} />;
    case 'attempt':
      return <AttemptShown event={event} />;
    case 'note':
      return <NoteShown event={event} />;
  }
}

function EncounterShown({ event }: { event: Event & { kind: 'encounter' } }) {
  const t = useWords(words);
  const times = useTimes();
  const { encounter } = event;
  const { admitted_at: admitted, discharged_at: discharged } = encounter;
  const when = [
    admitted ? t('admitted', { at: times.day(admitted) }) : '',
    discharged ? t('discharged', { at: times.day(discharged) }) : '',
  ];
  return (
    <>
      <span className="p-when">{times.day(discharged ?? admitted)}</span>
      <i className="p-box" aria-hidden="true" />
      <div>
        <b>
          {t('visit')} {encounter.department ?? ''}
        </b>{' '}
        <span className="ink-2">
          {[encounter.visit_no, encounter.doctor ?? '', ...when].filter((part) => part !== '').join(' · ')}
        </span>
        {encounter.diagnoses && <p className="ink-2 small">{encounter.diagnoses}</p>}
      </div>
    </>
  );
}

function AttemptShown({ event }: { event: Event & { kind: 'attempt' } }) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const mayHear = useMay('see_calls') !== null;
  const { attempt, answers } = event;
  return (
    <>
      <span className="p-when">{times.minute(attempt.begun_at)}</span>
      <i className="p-dot" aria-hidden="true" />
      <div>
        <p className="p-row">
          {attempt.disposition ? <DispositionTag disposition={attempt.disposition} /> : t('underWay')}
          <span className="ink-2">{attempt.number}</span>
          {attempt.recording_ms !== null && mayHear && (
            <Link to={`/recordings/${attempt.id}`}>
              {t('replay')} {times.length(attempt.recording_ms)}
            </Link>
          )}
          {attempt.recording_deleted_at && <span className="ink-3 small">{t('recordingGone')}</span>}
        </p>
        <p className="ink-2 small">{attempt.sentence[language]}</p>
        {answers.length > 0 && (
          <ul className="p-answers" aria-label={t('answers')}>
            {answers.map((answer) => (
              <li key={answer.id}>
                <AnswerShown answer={answer} attempt={attempt.id} mayHear={mayHear} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function AnswerShown({ answer, attempt, mayHear }: { answer: Answer; attempt: number; mayHear: boolean }) {
  const t = useWords(words);
  const kinds: Record<string, string> = {
    refused: t('refusedAnswer'),
    silent: t('silentAnswer'),
    invalid: t('invalidAnswer'),
  };
  const meaning = answer.label ?? kinds[answer.kind] ?? '';
  const shown = (
    <>
      <span className="ink-2">{answer.title ?? answer.question}</span>{' '}
      <Keycap small look={isLow(answer) ? 'low' : 'patient'}>
        {answer.keys === '' ? '–' : answer.keys}
      </Keycap>{' '}
      {meaning}
    </>
  );
  return mayHear ? (
    <Link className="p-answer" to={`/recordings/${attempt}?q=${encodeURIComponent(answer.question)}`}>
      {shown}
    </Link>
  ) : (
    <span className="p-answer">{shown}</span>
  );
}

function NoteShown({ event }: { event: Event & { kind: 'note' } }) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <>
      <span className="p-when">{times.minute(event.note.at)}</span>
      <i className="p-mark" aria-hidden="true" />
      <div>
        <span className="ink-2">
          {t('note')} · {event.note.who}
        </span>
        <p className="p-text">{event.note.text}</p>
      </div>
    </>
  );
}
