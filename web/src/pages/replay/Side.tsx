// The right column: scorecard, comments, evidence, listen log.

import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';

import css from './replay.module.css';
import type { Words } from './words';

/** The tabs in their order. */
export const TABS = ['scorecard', 'comments', 'evidence', 'listening'] as const;
export type Tab = (typeof TABS)[number];

/** What the scorecard of a call is given. */
export interface ScorecardProps {
  readonly callId: number;
  /** An item that belongs to a question was focused: the question's sound is brought up. */
  readonly onFocusQuestion: (question: string) => void;
}

// The card comes with the review; without it the tab says so.
const cards = import.meta.glob<{ default: ComponentType<ScorecardProps> }>('./Scorecard.tsx');
const load = cards['./Scorecard.tsx'];
const Scorecard = load === undefined ? null : lazy(load);

interface Props extends ScorecardProps {
  readonly tab: Tab;
  readonly comments: number;
  readonly mayReview: boolean;
  readonly panels: Readonly<Record<Exclude<Tab, 'scorecard'>, ReactNode>>;
  readonly words: Words;
  readonly onTab: (tab: Tab) => void;
}

/** One panel at a time; arrows go along the tabs. */
export function Side({ tab, comments, mayReview, panels, words, onTab, callId, onFocusQuestion }: Props) {
  const names = {
    scorecard: words.scorecard,
    comments: words.comment,
    evidence: words.evidence,
    listening: words.listening,
  };
  const shown = TABS.filter((one) => one !== 'scorecard' || mayReview);
  return (
    <>
      <div className={css.tabs} role="tablist" aria-label={words.side}>
        {shown.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`replay-tab-${one}`}
            aria-selected={tab === one}
            aria-controls="replay-panel"
            tabIndex={tab === one ? 0 : -1}
            onClick={() => onTab(one)}
            onKeyDown={(event) => {
              const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
              const next =
                by === 0 ? undefined : shown[(shown.indexOf(one) + by + shown.length) % shown.length];
              if (next === undefined) return;
              event.preventDefault();
              onTab(next);
              document.getElementById(`replay-tab-${next}`)?.focus();
            }}
          >
            {names[one]}
            {one === 'comments' && comments > 0 && <b>{comments}</b>}
          </button>
        ))}
      </div>
      <div className={css.panel} role="tabpanel" id="replay-panel" aria-labelledby={`replay-tab-${tab}`}>
        {tab === 'scorecard' ? (
          Scorecard === null ? (
            <p className={css.empty}>{words.noScorecard}</p>
          ) : (
            <Suspense fallback={null}>
              <Scorecard key={callId} callId={callId} onFocusQuestion={onFocusQuestion} />
            </Suspense>
          )
        ) : (
          panels[tab]
        )}
      </div>
    </>
  );
}
