// What can follow a talk: a ticket for a department, a time to call back.
import { Input } from 'antd';
import { useId, useState } from 'react';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Talk } from './api';
import { timeOf } from './time';
import { useDesk } from './useDesk';
import { words } from './words';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const DUE = [
  [1, 'dueToday'],
  [3, 'dueThree'],
  [7, 'dueWeek'],
] as const;

export function TicketDialog({ talk, close }: { talk: Talk; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const { door, now, refresh } = useDesk();
  const [text, setText] = useState('');
  const [department, setDepartment] = useState(talk.case.department ?? '');
  const [days, setDays] = useState(1);
  const open = () => {
    const due_at = new Date(now + days * DAY_MS).toISOString();
    return door.ticket(talk.id, { department: department.trim(), text: text.trim(), due_at });
  };
  return (
    <ActDialog
      title={t('ticketTitle')}
      act={t('openTicket')}
      width={440}
      hasOwnFocus
      isBlocked={text.trim() === '' || department.trim() === ''}
      run={open}
      done={refresh}
      close={close}
    >
      <label htmlFor={`${id}t`}>{t('ticketText')}</label>
      <Input.TextArea
        id={`${id}t`}
        autoFocus
        rows={3}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <label htmlFor={`${id}d`}>{t('ticketDepartment')}</label>
      <Input
        id={`${id}d`}
        maxLength={100}
        value={department}
        onChange={(event) => setDepartment(event.target.value)}
      />
      <span>{t('ticketDue')}</span>
      <div className="dk-choices">
        {DUE.map(([n, word]) => (
          <button key={n} type="button" aria-pressed={days === n} onClick={() => setDays(n)}>
            {t(word)}
          </button>
        ))}
      </div>
    </ActDialog>
  );
}

/** Offers times that people name, takes any other; the outcome is chosen with it. */
export function CallBackDialog({
  close,
  title,
  effect,
  offers,
  chosen,
}: {
  close: () => void;
  title: string;
  effect: string;
  offers: readonly { label: string; at: number }[];
  chosen: (text: string) => void;
}) {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const id = useId();
  const [text, setText] = useState('');
  const read = timeOf(text, times.zone, now);
  const isPast = read !== null && Date.parse(read) < now;
  return (
    <ActDialog
      title={title}
      act={t('save')}
      effect={effect}
      width={400}
      hasOwnFocus
      isBlocked={read === null || isPast}
      run={async () => chosen(text)}
      close={close}
    >
      <div className="dk-choices">
        {offers.map((offer) => (
          <button key={offer.label} type="button" onClick={() => setText(times.minute(offer.at))}>
            {offer.label}
          </button>
        ))}
      </div>
      <label htmlFor={id}>{t('appointAt')}</label>
      <Input
        id={id}
        autoFocus
        placeholder={t('timeHint')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {text.trim() !== '' && (read === null || isPast) && (
        <p className="fault-text" role="alert">
          {t(read === null ? 'badTime' : 'pastTime')}
        </p>
      )}
    </ActDialog>
  );
}

/** Times to call back that people name. */
export function useCallBackOffers(): readonly { label: string; at: number }[] {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  const tomorrow = times.day(now + DAY_MS);
  const at = (text: string) => Date.parse(timeOf(text, times.zone, now) ?? '') || now;
  return [
    { label: t('in2h'), at: now + 2 * HOUR_MS },
    { label: t('tomorrowMorning'), at: at(`${tomorrow} 10:00`) },
    { label: t('tomorrowEvening'), at: at(`${tomorrow} 18:30`) },
  ];
}

export function useFollowUpOffers(): readonly { label: string; at: number }[] {
  const t = useWords(words);
  const times = useTimes();
  const { now } = useDesk();
  return [1, 2, 4].map((n) => ({
    label: t('weeks', { n }),
    at: Date.parse(timeOf(`${times.day(now + n * 7 * DAY_MS)} 09:00`, times.zone, now) ?? '') || now,
  }));
}
