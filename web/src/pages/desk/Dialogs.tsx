// What can follow a talk: a ticket for a department, a time to call back.
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Talk } from './api';
import { timeOf } from './time';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export function TicketDialog({ talk, open, close }: { talk: Talk; open: boolean; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const { door, now } = useDesk();
  const order = useOrder();
  const [text, setText] = useState('');
  const [department, setDepartment] = useState(talk.case.department ?? '');
  const [days, setDays] = useState(1);
  const lacks = text.trim() === '' || department.trim() === '';
  const save = () => {
    if (lacks) return;
    const due_at = new Date(now + days * DAY_MS).toISOString();
    order.run(
      () => door.ticket(talk.id, { department: department.trim(), text: text.trim(), due_at }),
      close,
    );
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t('ticketTitle')}
      width={440}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button key="save" type="primary" loading={order.isRunning} disabled={lacks} onClick={save}>
          {t('openTicket')}
        </Button>,
      ]}
    >
      <div className="dk-dialog">
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
          {(
            [
              [1, 'dueToday'],
              [3, 'dueThree'],
              [7, 'dueWeek'],
            ] as const
          ).map(([n, word]) => (
            <button key={n} type="button" aria-pressed={days === n} onClick={() => setDays(n)}>
              {t(word)}
            </button>
          ))}
        </div>
      </div>
      {order.error !== null && <ErrorLine error={order.error} />}
    </Modal>
  );
}

/** Offers times that people name, takes any other; the outcome is chosen with it. */
export function CallBackDialog({
  open,
  close,
  title,
  effect,
  offers,
  chosen,
}: {
  open: boolean;
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
  const take = () => {
    if (read === null || isPast) return;
    chosen(text);
    close();
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={title}
      width={400}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button key="save" type="primary" disabled={read === null || isPast} onClick={take}>
          {t('save')}
        </Button>,
      ]}
    >
      <p className="dk-effect">{effect}</p>
      <div className="dk-choices">
        {offers.map((offer) => (
          <button key={offer.label} type="button" onClick={() => setText(times.minute(offer.at))}>
            {offer.label}
          </button>
        ))}
      </div>
      <div className="dk-dialog">
        <label htmlFor={id}>{t('appointAt')}</label>
        <Input
          id={id}
          autoFocus
          placeholder={t('timeHint')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={take}
        />
      </div>
      {text.trim() !== '' && (read === null || isPast) && (
        <p className="fault-text" role="alert">
          {t(read === null ? 'badTime' : 'pastTime')}
        </p>
      )}
    </Modal>
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
