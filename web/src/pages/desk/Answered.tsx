// What was answered so far, with who answered it and when; a click goes back to the question.
import { Keycap } from '../../components/Keycap';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Answer } from './api';
import { answerTo, isQuestion, numbersOf, passed, progress, type Walk } from './form';
import { useDesk } from './useDesk';
import { words } from './words';

export function Answered({ form, shown, choose }: Walk) {
  const t = useWords(words);
  const { done, all } = progress(form);
  const numbers = numbersOf(form);
  const rows = passed(form).flatMap((step) => {
    const answer = answerTo(form, step.id);
    return isQuestion(step) && answer !== undefined ? [{ step, answer }] : [];
  });
  return (
    <div className="dk-answered">
      <h3 className="ink-3 small">{t('answered', { done, all })}</h3>
      {rows.length === 0 ? (
        <p className="ink-3 small">{t('noAnswers')}</p>
      ) : (
        <table>
          <tbody>
            {rows.map(({ step, answer }) => (
              <tr key={step.id} className={step.id === shown?.id ? 'is-here' : undefined}>
                <td className="dk-n">{numbers.get(step.id) ?? ''}</td>
                <th scope="row">
                  <button type="button" className="plain" onClick={() => choose(step.id)}>
                    {step.title}
                  </button>
                </th>
                <td>
                  <Value answer={answer} />
                </td>
                <td className="num ink-3 small">
                  <Source answer={answer} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Value({ answer }: { answer: Answer }) {
  const t = useWords(words);
  if (answer.kind === 'refused') return <b>{t('refusedAnswer')}</b>;
  return (
    <span className="dk-value">
      {answer.keys !== '' && (
        <Keycap small look={answer.source === 'agent' ? 'agent' : 'patient'}>
          {answer.keys}
        </Keycap>
      )}
      <b>{answer.label ?? answer.value ?? '—'}</b>
      {answer.remark !== null && answer.remark !== '' && <span className="ink-2 small">{answer.remark}</span>}
    </span>
  );
}

function Source({ answer }: { answer: Answer }) {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const isToday = times.day(answer.at) === times.day(now);
  return (
    <>
      {t(answer.source === 'agent' ? 'byAgentShort' : 'byPatient')}{' '}
      {isToday ? times.clock(answer.at) : times.minute(answer.at)}
    </>
  );
}
