// Times and figures as the console writes them.
import { useMemo } from 'react';
import { useKnownSession } from '../api/session';
import { useLanguage } from '../i18n';
import { Times } from './format';

export { count, moment, NOTHING, rate, Times, wholeMoment } from './format';

/** Times in the hospital's zone and the person's language. */
export function useTimes(): Times {
  const { language } = useLanguage();
  const { session } = useKnownSession();
  const zone = session?.zone ?? 'Asia/Shanghai';
  return useMemo(() => new Times(zone, language), [zone, language]);
}
