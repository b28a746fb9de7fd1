// The funnel, and tables of figures: each figure opens its list.
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { FigureLink } from '../../components/FigureLink';
import { useLanguage, useWords, type Word } from '../../i18n';
import { count, NOTHING } from '../../time';
import type { Figure, Question, Report } from './report';
import { words } from './words';

type Open = (figure: Figure) => void;

const percent = (figure: Figure): string =>
  figure.rate === null || figure.rate === undefined ? NOTHING : `${figure.rate.toFixed(2)}%`;

const named = ([zh, en]: Word) => ({ zh, en });

/** Fewer say nothing about a rate. */
const FEW = 30;

export function Funnel({ report, open }: { report: Report; open: Open }) {
  const t = useWords(words);
  const steps = [
    { name: t('due'), rate: null },
    { name: t('attempted'), rate: t('ofDue') },
    { name: t('successful'), rate: t('ofAttempted') },
    { name: t('satisfied'), rate: t('ofRated') },
  ];
  const most = report.funnel[0]?.n ?? 0;
  return (
    <Card title={t('funnel')}>
      <div className="rep-funnel">
        {report.funnel.map((figure, at) => {
          const step = steps[at];
          // Answers are no part of the cases: their bar is their own rate.
          const isAnswers = figure.key === 'satisfied';
          const whole = isAnswers ? (figure.d ?? 0) : most;
          const width = whole === 0 ? 0 : (figure.n / whole) * 100;
          return (
            <div className="rep-step" key={figure.key}>
              <span>
                <b>{step?.name}</b>
                {isAnswers && <span className="ink-3 small"> {t('answersNotCases')}</span>}
              </span>
              <div className="rep-track" aria-hidden="true">
                <i className={isAnswers ? 'rep-patient' : undefined} style={{ width: `${width}%` }} />
              </div>
              <span className="num">
                <FigureLink
                  n={figure.n}
                  {...(figure.d === null || figure.d === undefined ? {} : { of: figure.d })}
                  onOpen={() => open(figure)}
                />
              </span>
              <span>
                {step?.rate && (
                  <>
                    <span className="rep-rate">{percent(figure)}</span>{' '}
                    <span className="ink-3 small">{step.rate}</span>
                  </>
                )}
              </span>
            </div>
          );
        })}
      </div>
    </Card>
  );
}

export type Before = ReadonlyMap<string, Figure> | null;

/** The figures of a month by their keys, to stand beside those of the next. */
export const byKey = ({ funnel, others, outcomes, dispositions, classes, causes }: Report): Before =>
  new Map(
    [funnel, others, outcomes, dispositions, classes, causes].flat().map((figure) => [figure.key, figure]),
  );

function Earlier({ figure }: { figure: Figure | undefined }) {
  if (figure === undefined) return <td className="num ink-3">{NOTHING}</td>;
  const isRate = figure.d !== null && figure.d !== undefined;
  return (
    <td className="num ink-3" title={isRate ? `${count(figure.n)} / ${count(figure.d ?? 0)}` : undefined}>
      {isRate ? percent(figure) : count(figure.n)}
    </td>
  );
}

export function Table({
  title,
  figures,
  open,
  bars = false,
  before = null,
}: {
  title: string;
  figures: readonly Figure[];
  open: Open;
  bars?: boolean;
  /** The same figures of the month before, by their keys. */
  before?: Before;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const longest = Math.max(1, ...figures.map((figure) => figure.n));
  return (
    <table className="rep-table" aria-label={title}>
      <thead>
        <tr>
          <th scope="col">{t('figure')}</th>
          {bars && (
            <th scope="col">
              <span className="unseen">{t('rate')}</span>
            </th>
          )}
          <th scope="col" className="num">
            {t('n')}
          </th>
          <th scope="col" className="num">
            {t('of')}
          </th>
          <th scope="col" className="num">
            {t('rate')}
          </th>
          {before !== null && (
            <th scope="col" className="num">
              {t('before')}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {figures.map((figure) => (
          <tr key={figure.key}>
            <th scope="row">{figure[language]}</th>
            {bars && (
              <td className="rep-bar">
                <div className="rep-share" aria-hidden="true">
                  <i style={{ width: `${(figure.n / longest) * 100}%` }} />
                </div>
              </td>
            )}
            <td className="num">
              <FigureLink n={figure.n} onOpen={() => open(figure)} />
            </td>
            <td className="num">{figure.d === null || figure.d === undefined ? NOTHING : count(figure.d)}</td>
            <td className="num">{percent(figure)}</td>
            {before !== null && <Earlier figure={before.get(figure.key)} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Monthly({ report, open, before }: { report: Report; open: Open; before: Before }) {
  const t = useWords(words);
  const parts: [string, readonly Figure[]][] = [
    [t('counts'), [...report.funnel, ...report.others]],
    [t('outcomes'), report.outcomes],
    [t('dispositions'), report.dispositions],
    [t('classes'), report.classes],
  ];
  return (
    <div className="rep-tables">
      {parts.map(([title, figures]) => (
        <Card key={title} title={title}>
          <Table title={title} figures={figures} open={open} before={before} />
        </Card>
      ))}
    </div>
  );
}

export function Causes({ report, open, before }: { report: Report; open: Open; before: Before }) {
  const t = useWords(words);
  return (
    <div className="rep-tables rep-one">
      <Card title={t('causesOf')}>
        {report.causes.length === 0 ? (
          <EmptyLine>{t('noCauses')}</EmptyLine>
        ) : (
          <Table title={t('causesOf')} figures={report.causes} open={open} before={before} bars />
        )}
      </Card>
    </div>
  );
}

export function Questions({ report, open }: { report: Report; open: Open }) {
  const t = useWords(words);
  if (report.questions.length === 0) return <EmptyLine>{t('noQuestions')}</EmptyLine>;
  return (
    <div className="rep-tables">
      {report.questions.map((question) => (
        <QuestionCard key={question.id} question={question} open={open} />
      ))}
    </div>
  );
}

function QuestionCard({ question, open }: { question: Question; open: Open }) {
  const t = useWords(words);
  const said: string[] = [];
  if (typeof question.score === 'number') said.push(t('score', { score: question.score.toFixed(2) }));
  if (typeof question.mean === 'number') said.push(t('mean', { mean: question.mean.toFixed(2) }));
  if (question.is_screening) said.push(t('screening'));
  // The key that ends all calls is no question of the dialplan and has no title of its own.
  const title =
    question.title !== '' ? question.title : question.id === 'stop_calling' ? t('stopCalling') : question.id;
  const isFew = question.valid.n > 0 && question.valid.n < FEW;
  const figures = [
    ...question.values,
    // Beside an option of the same word the rate has to be told apart.
    ...(question.satisfied ? [{ ...question.satisfied, ...named(words.ofRatedWhole) }] : []),
    question.valid,
    ...question.missing,
  ];
  return (
    <Card
      title={title}
      extra={
        <>
          <span>n = {count(question.valid.n)}</span>
          {isFew && <span className="tag">{t('few')}</span>}
        </>
      }
    >
      <Table title={title} figures={figures} open={open} bars />
      {said.length > 0 && <p className="rep-note ink-2">{said.join(' · ')}</p>}
    </Card>
  );
}
