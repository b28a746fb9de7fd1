// The questions as steps: those answered, the one shown, those that ordinarily come, the end.
import { Icon } from '../../components/Icon';
import { useWords } from '../../i18n';
import type { Form, Step } from './api';
import { answerTo, END, numbersOf, strip, type Walk, windowOf } from './form';
import { words } from './words';

/** More would not be readable. */
const MOST = 7;

export function Steps({ form, shown, choose }: Walk) {
  const t = useWords(words);
  const all = strip(form);
  const numbers = numbersOf(form);
  const isAtEnd = shown === null;
  const here = isAtEnd ? all.length - 1 : nearest(all, form, shown);
  const seen = windowOf(all, here, MOST);
  return (
    <ol className="dk-steps" aria-label={t('steps')}>
      {seen.before && (
        <li className="dk-more" aria-hidden="true">
          …
        </li>
      )}
      {seen.steps.map((step) => {
        const isDone = answerTo(form, step.id) !== undefined;
        const isHere = !isAtEnd && step.id === all[here]?.id;
        const number = numbers.get(step.id);
        const name = number === undefined ? step.title : `${number} ${step.title}`;
        const canGo = form.path.includes(step.id);
        const className = isHere ? 'is-here' : isDone ? 'is-done' : undefined;
        return (
          <li key={step.id} className={className}>
            <button
              type="button"
              disabled={!canGo}
              {...(isHere ? { 'aria-current': 'step' as const } : {})}
              aria-label={`${name}${isDone ? `，${t('stepDone')}` : ''}`}
              title={name}
              onClick={() => choose(step.id)}
            >
              {isDone && <Icon name="check" size={12} />}
              <span>{name}</span>
            </button>
          </li>
        );
      })}
      {seen.after && (
        <li className="dk-more" aria-hidden="true">
          …
        </li>
      )}
      <li className={isAtEnd ? 'is-here' : undefined}>
        <button type="button" disabled={form.open !== null} onClick={() => choose(END)}>
          <span>{t('stepEnd')}</span>
        </button>
      </li>
    </ol>
  );
}

/** The shown step among the questions; of a message, the question that follows it on the way. */
function nearest(all: readonly Step[], form: Form, shown: Step): number {
  const at = all.findIndex((step) => step.id === shown.id);
  if (at >= 0) return at;
  const way = form.path.slice(form.path.indexOf(shown.id));
  const next = all.findIndex((step) => way.includes(step.id));
  return next < 0 ? all.length - 1 : next;
}
