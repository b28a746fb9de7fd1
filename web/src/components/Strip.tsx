// The figures on top of a page: the answer in words first, then the numbers that carry it.
import type { ReactNode } from 'react';
import './components.css';

export interface StripFigure {
  label: ReactNode;
  value: ReactNode;
  /** The small part behind the value: a denominator, a unit, seconds. */
  rest?: ReactNode;
  note?: ReactNode;
}

export function Strip({
  answer,
  figures,
  label,
}: {
  answer?: StripFigure;
  figures: readonly StripFigure[];
  label: string;
}) {
  return (
    <section className="card strip" aria-label={label}>
      {answer && <Figure figure={answer} isAnswer />}
      {figures.map((figure, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a strip's figures keep their places
        <Figure key={at} figure={figure} />
      ))}
    </section>
  );
}

function Figure({ figure, isAnswer = false }: { figure: StripFigure; isAnswer?: boolean }) {
  return (
    <div className={isAnswer ? 'strip-figure strip-answer' : 'strip-figure'}>
      <div className="strip-label" {...titled(figure.label)}>
        {figure.label}
      </div>
      <div className="strip-value">
        {figure.value}
        {figure.rest !== undefined && <small>{figure.rest}</small>}
      </div>
      <div className="strip-note" {...titled(figure.note)}>
        {figure.note}
      </div>
    </div>
  );
}

/** Plain words that may be cut short are told in full on hover. */
const titled = (words: ReactNode) => (typeof words === 'string' ? { title: words } : {});
