// Who comes next, names masked; nobody is held for this agent yet.
import { Card } from '../../components/Card';
import { lookOf } from '../../components/dispositions';
import { EmptyLine } from '../../components/EmptyLine';
import { Icon } from '../../components/Icon';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Upcoming } from './api';
import { years } from './PatientCard';
import { useDesk } from './useDesk';
import { words } from './words';

const HOUR_MS = 3_600_000;

export function UpNext({ cases }: { cases: readonly Upcoming[] }) {
  const t = useWords(words);
  return (
    <Card title={t('upNext')} extra={t('upNextNote')} className="dk-next">
      {cases.length === 0 ? (
        <EmptyLine>{t('noNext')}</EmptyLine>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <ol tabIndex={0} aria-label={t('upNext')}>
          {cases.map((one) => (
            <li key={one.case_id}>
              <b>{one.name ?? '—'}</b>
              <About one={one} />
              <Kind one={one} />
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function About({ one }: { one: Upcoming }) {
  const t = useWords(words);
  const sex = one.sex === 'male' ? t('maleShort') : one.sex === 'female' ? t('femaleShort') : '';
  const who = [sex, years(one.age ?? '')].filter((part) => part !== '').join(' ');
  return (
    <span className="ink-2 dk-cut" title={one.campaign}>
      {[who, one.campaign].filter((part) => part !== '').join(' · ')}
    </span>
  );
}

function Kind({ one }: { one: Upcoming }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const { now } = useDesk();
  if (one.appointment_at !== null) {
    return (
      <span className="tag tag-info">
        <Icon name="clock" />
        {t('kindAppointment', { at: times.hour(one.appointment_at) })}
      </span>
    );
  }
  const left = one.deadline_at === null ? null : Date.parse(one.deadline_at) - now;
  if (left !== null && left < 4 * HOUR_MS) {
    const time =
      left >= HOUR_MS
        ? t('hours', { n: Math.floor(left / HOUR_MS) })
        : t('minutes', { n: Math.max(0, Math.floor(left / 60_000)) });
    return <span className="tag tag-bad">{t('kindDeadline', { time })}</span>;
  }
  if (one.last_disposition !== null) {
    return <span className="tag tag-plain">{sayWord(lookOf(one.last_disposition).word)}</span>;
  }
  return <span className="tag tag-plain">{t('kindUsual')}</span>;
}
