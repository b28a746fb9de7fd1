// How a call ended: the glyph of its family, its word and its colour.

import type { ReactElement } from 'react';

import { useLanguage } from '../../i18n';
import css from './replay.module.css';

type Family = 'answers' | 'decided' | 'missed' | 'number' | 'promised' | 'ours' | 'final';

const FAMILIES: Readonly<Record<string, Family>> = {
  completed: 'answers',
  partial: 'answers',
  refused: 'decided',
  opt_out: 'decided',
  early_hangup: 'decided',
  break_off: 'decided',
  no_answer: 'missed',
  unreachable: 'missed',
  silent: 'missed',
  busy: 'missed',
  power_off: 'missed',
  assistant: 'missed',
  vacant: 'number',
  suspended: 'number',
  wrong_number: 'number',
  number_changed: 'number',
  fax: 'number',
  appointment: 'promised',
  third_party: 'promised',
  network_busy: 'ours',
  own_line_fault: 'ours',
  caller_id_bad: 'ours',
  misdialled: 'ours',
  deceased: 'final',
  incapable: 'final',
};

const GLYPHS: Readonly<Record<Family, ReactElement>> = {
  answers: <path d="M5 12.5l4.5 4.5L19 7" />,
  decided: <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />,
  missed: <path d="M6 12h12" />,
  number: <path d="M9 4L7 20M17 4l-2 16M4 9h16M4 15h16" />,
  promised: <path d="M12 7v5l3.5 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z" />,
  ours: <path d="M12 5v8M12 18v.1" strokeWidth={3} />,
  final: <path d="M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z" />,
};

const HALF = <path d="M12 4.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />;

const TONES: Readonly<Record<Family, string>> = {
  answers: 'var(--d-complete)',
  decided: 'var(--d-refused)',
  missed: 'var(--ink-2)',
  number: 'var(--d-number)',
  promised: 'var(--d-appointment)',
  ours: 'var(--d-ours)',
  final: 'var(--ink-2)',
};

/** The daemon's Chinese word; in English its identifier as words. */
export function useResult(): (disposition: string, word: string) => string {
  const { language } = useLanguage();
  return (disposition, word) =>
    language === 'zh' ? word : disposition.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());
}

/** Colour is never alone. */
export function ResultTag({
  disposition,
  word,
  plain,
}: {
  disposition: string;
  word: string;
  plain?: 'plain';
}) {
  const result = useResult();
  if (disposition === '') return null;
  const family = FAMILIES[disposition] ?? 'missed';
  return (
    <span
      className={
        plain === undefined
          ? `${css.tag} ${family === 'answers' ? css.tagOk : family === 'decided' ? css.tagBad : ''}`
          : css.plain
      }
      style={{ color: TONES[family] }}
    >
      <svg
        className="i"
        viewBox="0 0 24 24"
        width={12}
        height={12}
        aria-hidden="true"
        style={{ strokeWidth: 2 }}
      >
        {disposition === 'partial' ? HALF : GLYPHS[family]}
      </svg>
      {result(disposition, word)}
    </span>
  );
}
