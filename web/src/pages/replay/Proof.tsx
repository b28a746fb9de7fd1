// The evidence: what happened in order, the rule that fired, the hashes, and the facts as they are stored.

import { useState } from 'react';

import { Scroll } from '../../components/Scroll';
import type { Proof as Facts } from './model';
import css from './replay.module.css';
import { clock } from './scale';
import type { Words } from './words';

interface Props {
  readonly proof: Facts;
  readonly words: Words;
  readonly time: (at: string) => string;
  readonly onGo: (ms: number) => void;
}

function Copy({ text, words }: { text: string; words: Words }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      className={css.link}
      style={{ fontSize: 12, marginLeft: 'auto' }}
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 2_000);
        });
      }}
    >
      {done ? words.copied : words.copy}
    </button>
  );
}

/** All of it can be copied. */
export function Proof({ proof, words, time, onGo }: Props) {
  return (
    <Scroll className={css.list} label={words.evidence}>
      <h3 className={css.legend}>{words.facts}</h3>
      <ol className={css.facts2}>
        {proof.steps.map((step) => (
          <li key={step.id} className={css.fact}>
            {step.atMs !== null && step.atMs >= 0 ? (
              <button
                type="button"
                className={css.link}
                style={{ alignSelf: 'start' }}
                aria-label={words.goTo(clock(step.atMs))}
                onClick={() => onGo(step.atMs ?? 0)}
              >
                <time>{clock(step.atMs)}</time>
              </button>
            ) : (
              <time>
                {step.atMs !== null ? `−${clock(-step.atMs)}` : step.at === null ? '' : time(step.at)}
              </time>
            )}
            <div>
              {step.words}
              {step.raw !== null && <code className={`${css.mono} ${css.raw}`}>{step.raw}</code>}
            </div>
          </li>
        ))}
      </ol>
      <h3 className={css.legend}>{words.rule}</h3>
      <p style={{ margin: 0, fontSize: 12, lineHeight: '18px' }}>
        {proof.ruleWords}
        <code className={`${css.mono} ${css.raw}`}>{proof.rule}</code>
      </p>
      <p style={{ margin: 0, fontSize: 12, lineHeight: '18px', color: 'var(--ink-2)' }}>{proof.media}</p>
      {proof.hashes.length > 0 && (
        <>
          <h3 className={css.legend}>
            {words.hashes}
            <Copy text={proof.hashes.map((hash) => `${hash.value}  ${hash.name}`).join('\n')} words={words} />
          </h3>
          {proof.hashes.map((hash) => (
            <div key={hash.name} style={{ fontSize: 12, lineHeight: '18px' }}>
              {hash.name}
              <code className={`${css.mono} ${css.raw}`}>{hash.value}</code>
            </div>
          ))}
        </>
      )}
      {proof.raw !== '' && (
        <>
          <h3 className={css.legend}>
            {words.rawFacts}
            <Copy text={proof.raw} words={words} />
          </h3>
          <pre className={`${css.mono} ${css.raw}`} style={{ margin: 0 }}>
            {proof.raw}
          </pre>
        </>
      )}
    </Scroll>
  );
}
