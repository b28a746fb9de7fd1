// The offline list: whom to call by hand while the system is down; on paper, or as a file. Taking it is written down.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, Select } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, ask, download } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { CardError, ErrorLine } from '../../components/ErrorLine';
import { Heads } from '../../components/Heads';
import { Icon } from '../../components/Icon';
import { NoCampaign } from '../../components/NoCampaign';
import { Skeleton } from '../../components/Skeleton';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { NOTHING, useTimes } from '../../time';
import { grouped } from './grouped';
import './offline.css';
import { words } from './words';

type List = components['schemas']['OfflineList'];

/** Shorter says nothing to whoever reads the audit log. */
const LETTERS = 2;

export default function Offline() {
  const t = useWords(words);
  const id = useId();
  const [params, setParams] = useSearchParams();
  const mayReveal = useMay('reveal') !== null;
  const [isFull, setFull] = useState(false);
  const [reason, setReason] = useState('');
  const [isShort, setShort] = useState(false);
  const campaigns = useQuery({
    queryKey: ['reports', 'campaigns'],
    queryFn: ({ signal }) => ask(api.GET('/api/reports/campaigns', { signal })),
  });
  const names = campaigns.data?.items.map((one) => one.name) ?? [];
  const campaign = params.get('campaign') ?? names[0] ?? '';
  const asked = { campaign, full: isFull && mayReveal, reason: reason.trim() };
  const list = useMutation({
    mutationFn: () => ask(api.POST('/api/offline-list', { body: asked })),
  });
  const file = useMutation({
    mutationFn: (form: 'csv' | 'xlsx') =>
      download('/api/offline-list/file', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...asked, form }),
      }),
  });
  const unlessShort = (then: () => void) => {
    setShort(asked.reason.length < LETTERS);
    if (asked.reason.length >= LETTERS) then();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    unlessShort(() => list.mutate());
  };
  const change = (then: () => void) => {
    then();
    list.reset();
  };
  const error = list.error ?? file.error;
  return (
    <>
      <PageHeader
        title={t('title')}
        actions={
          list.data && list.data.items.length > 0 ? (
            <Button size="small" icon={<Icon name="list" />} onClick={() => window.print()}>
              {t('print')}
            </Button>
          ) : undefined
        }
      />
      <div className="offline">
        <Card title={t('what')} className="offline-ask">
          {campaigns.isError ? (
            <CardError error={campaigns.error} retry={campaigns.refetch} />
          ) : campaigns.data === undefined ? (
            <Skeleton rows={3} />
          ) : names.length === 0 ? (
            <NoCampaign>{t('noCampaign')}</NoCampaign>
          ) : (
            <form className="offline-form" onSubmit={submit}>
              <label htmlFor={`${id}-campaign`}>{t('campaign')}</label>
              <Select
                id={`${id}-campaign`}
                value={campaign}
                onChange={(value) => change(() => setParams({ campaign: value }))}
                options={names.map((name) => ({ value: name, label: name }))}
              />
              <label htmlFor={`${id}-reason`}>{t('reason')}</label>
              <Input
                id={`${id}-reason`}
                value={reason}
                maxLength={200}
                placeholder={t('reasonHint')}
                status={isShort ? 'error' : ''}
                aria-invalid={isShort}
                onChange={(event) => setReason(event.target.value)}
              />
              <span />
              <div className="offline-acts">
                {mayReveal && (
                  <Checkbox
                    checked={isFull}
                    onChange={(event) => change(() => setFull(event.target.checked))}
                  >
                    {t('full')}
                  </Checkbox>
                )}
                <Button type="primary" htmlType="submit" loading={list.isPending}>
                  {t('make')}
                </Button>
                {(['xlsx', 'csv'] as const).map((form) => (
                  <Button
                    key={form}
                    icon={<Icon name="download" />}
                    loading={file.isPending && file.variables === form}
                    onClick={() => unlessShort(() => file.mutate(form))}
                  >
                    {form.toUpperCase()}
                  </Button>
                ))}
                <span className="ink-2">
                  {isShort ? t('tooShort') : asked.full ? t('fullNote') : t('masked')}
                </span>
              </div>
              {error !== null && (
                <>
                  <span />
                  <ErrorLine error={error} />
                </>
              )}
            </form>
          )}
        </Card>
        {list.data && <Sheet list={list.data} />}
      </div>
    </>
  );
}

function Sheet({ list }: { list: List }) {
  const t = useWords(words);
  const times = useTimes();
  const heading = t('madeAt', {
    campaign: list.campaign,
    at: times.minute(list.made_at),
    n: list.items.length,
  });
  return (
    <Card title={heading} extra={<span className="offline-logged">{t('logged')}</span>}>
      {list.items.length === 0 && <EmptyLine>{t('empty')}</EmptyLine>}
      {list.has_more && (
        <p className="offline-more">
          <Icon name="warning" /> {t('more', { n: list.items.length })}
        </p>
      )}
      {list.items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="offline-scroll" tabIndex={0} aria-label={t('title')}>
          <table className="offline-table">
            <Heads
              of={[
                { name: t('at'), className: 'num' },
                t('visit'),
                t('patient'),
                t('numbers'),
                t('department'),
                t('discharged'),
                t('when'),
                t('tried'),
                t('result'),
                t('answers'),
              ]}
            />
            <tbody>
              {list.items.map((item, at) => (
                <tr key={item.case_id}>
                  <td className="num ink-3">{at + 1}</td>
                  <td className="mono">{item.visit}</td>
                  <td>
                    <b>{item.patient ?? NOTHING}</b>
                  </td>
                  <td className="mono">
                    {item.numbers.map((one) => (
                      <div key={one.number}>
                        {grouped(one.number)}
                        {one.owner === 'kin' && <span className="ink-2"> {t('kin')}</span>}
                      </div>
                    ))}
                  </td>
                  <td>{[item.department, item.doctor].filter(Boolean).join(' ') || NOTHING}</td>
                  <td>{item.discharged_at ? times.date(item.discharged_at).slice(5) : NOTHING}</td>
                  <td>
                    {item.appointment_at ? (
                      <b>{t('appointment', { at: times.minute(item.appointment_at) })}</b>
                    ) : item.deadline_at ? (
                      t('deadline', { at: times.minute(item.deadline_at) })
                    ) : (
                      NOTHING
                    )}
                  </td>
                  <td>{t('times', { n: item.attempts })}</td>
                  <td className="offline-blank" />
                  <td className="offline-blank offline-wide" />
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {list.items.length > 0 && list.questions.length > 0 && (
        <div className="offline-questions">
          <h3>{t('questions')}</h3>
          <ol>
            {list.questions.map((question) => (
              <li key={question.title}>
                {question.title}
                {question.options.length > 0 && (
                  <span className="ink-2">
                    {' '}
                    {question.options.map((option, at) => `${at + 1} ${option}`).join(' · ')}
                  </span>
                )}
              </li>
            ))}
          </ol>
        </div>
      )}
    </Card>
  );
}
