// Drawing a sample: which calls, which shares, which seed, who judges them.
import { useQuery } from '@tanstack/react-query';
import { Checkbox, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { ChoiceField } from '../../components/ChoiceField';
import { DayField } from '../../components/DayField';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import { dayBefore, dayStart } from '../../time/day';
import { useDraw, useReviewers } from './data';
import css from './review.module.css';
import { words } from './words';

export function DrawDialog({ onClose, onDrawn }: { onClose: () => void; onDrawn: () => void }) {
  const t = useWords(words);
  const times = useTimes();
  const fields = useId();
  const draw = useDraw();
  const people = useReviewers();
  const campaigns = useQuery({
    queryKey: ['reviews', 'campaigns'],
    queryFn: ({ signal }) => ask(api.GET('/api/samples/campaigns', { signal })),
  });
  const today = times.date(Date.now());
  const [campaign, setCampaign] = useState<number | null>(null);
  const [from, setFrom] = useState(dayBefore(today, 7));
  const [to, setTo] = useState(today);
  const [seed, setSeed] = useState(today.replaceAll('-', ''));
  const [shares, setShares] = useState({ share: '10', complaints: '100', low: '50' });
  const [days, setDays] = useState('7');
  const [chosen, setChosen] = useState<number[]>([]);
  const picked = campaign ?? campaigns.data?.items[0]?.id ?? null;
  const failure = draw.error ?? campaigns.error ?? people.error;
  const ready = picked !== null && from < to && seed.trim() !== '';

  const field = (name: 'share' | 'complaints' | 'low') => (
    <>
      <label htmlFor={`${fields}${name}`}>{t(name)}</label>
      <Input
        id={`${fields}${name}`}
        inputMode="decimal"
        value={shares[name]}
        onChange={(event) => setShares({ ...shares, [name]: event.target.value.replace(/[^\d.]/g, '') })}
      />
    </>
  );
  return (
    <Modal
      open
      title={t('draw')}
      okText={t('drawDo')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !ready, loading: draw.isPending }}
      onCancel={onClose}
      onOk={() => {
        if (picked === null) return;
        draw.mutate(
          {
            campaign_id: picked,
            from_at: dayStart(from, times.zone),
            to_at: earlier(dayStart(to, times.zone), new Date().toISOString()),
            seed: seed.trim(),
            share: Number(shares.share),
            complaint_share: Number(shares.complaints),
            low_share: Number(shares.low),
            reviewers: chosen,
            due_at: new Date(Date.now() + Math.max(1, Number(days)) * 86_400_000).toISOString(),
          },
          {
            onSuccess: () => {
              onDrawn();
              onClose();
            },
          },
        );
      }}
    >
      <div className="beside">
        <label htmlFor={`${fields}c`}>{t('campaign')}</label>
        <ChoiceField
          id={`${fields}c`}
          label={t('campaign')}
          choices={(campaigns.data?.items ?? []).map((one) => ({ value: String(one.id), label: one.name }))}
          value={String(picked ?? '')}
          change={(id) => setCampaign(Number(id))}
        />
        <label htmlFor={`${fields}f`}>{t('from')}</label>
        <DayField id={`${fields}f`} label={t('from')} value={from} change={setFrom} />
        <label htmlFor={`${fields}t`}>{t('to')}</label>
        <DayField id={`${fields}t`} label={t('to')} value={to} change={setTo} />
        {field('complaints')}
        {field('low')}
        {field('share')}
        <label htmlFor={`${fields}s`}>{t('seed')}</label>
        <Input
          id={`${fields}s`}
          maxLength={64}
          value={seed}
          title={t('seedHint')}
          onChange={(event) => setSeed(event.target.value.replace(/[^\w.-]/g, ''))}
        />
        <label htmlFor={`${fields}d`}>{t('dueDays')}</label>
        <Input
          id={`${fields}d`}
          inputMode="numeric"
          value={days}
          onChange={(event) => setDays(event.target.value.replace(/\D/g, '').slice(0, 3))}
        />
        <span>{t('reviewers')}</span>
        <Checkbox.Group
          options={(people.data?.items ?? []).map((one) => ({ label: one.name, value: one.id }))}
          value={chosen}
          onChange={setChosen}
        />
      </div>
      {chosen.length === 0 && <p className={css.none}>{t('everybody')}</p>}
      <p className={css.none}>{t('seedHint')}</p>
      {failure !== null && (
        <p className={css.bad} role="alert">
          {ApiError.of(failure).detail}
        </p>
      )}
    </Modal>
  );
}

/** The earlier of two times as JSON has them. */
export function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
