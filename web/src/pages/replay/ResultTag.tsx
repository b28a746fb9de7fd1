// How the call ended, as the pill beside the patient's name.

import { type Family, lookOf } from '../../components/dispositions';
import { Icon, type IconName } from '../../components/Icon';
import { useSay } from '../../i18n';
import css from './replay.module.css';

const ICONS: Readonly<Record<Family, IconName>> = {
  answers: 'check',
  decided: 'cross',
  not_reached: 'minus',
  bad_number: 'phone',
  promised: 'clock',
  ours: 'warning',
  quiet: 'minus',
};

/** The word of a disposition in the person's language. */
export function useResult(): (disposition: string) => string {
  const say = useSay();
  return (disposition) => say(lookOf(disposition).word);
}

/** Colour is never alone. */
export function ResultTag({ disposition }: { disposition: string }) {
  const result = useResult();
  if (disposition === '') return null;
  const { family, colour } = lookOf(disposition);
  const tone = family === 'answers' ? css.tagOk : family === 'decided' ? 'tag-bad' : 'tag-plain';
  const ink =
    family === 'answers' || family === 'decided' || family === 'not_reached' ? undefined : `var(${colour})`;
  return (
    <span className={`tag ${tone}`} style={{ color: ink }}>
      <Icon name={ICONS[family]} size={12} />
      {result(disposition)}
    </span>
  );
}
