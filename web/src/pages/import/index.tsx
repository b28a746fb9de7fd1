// Import: a list of discharged patients; what it would change and what is wrong with it, before anything is saved.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { asIs } from '../../api/files';
import type { components } from '../../api/schema';
import { CardError, ErrorLine } from '../../components/ErrorLine';
import { FileField } from '../../components/FileField';
import { Icon } from '../../components/Icon';
import { NoCampaign } from '../../components/NoCampaign';
import { Skeleton } from '../../components/Skeleton';
import { Strip } from '../../components/Strip';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { count } from '../../time';
import { bodyOf, type Correction, type Corrections, put, takeBack } from './corrections';
import { Faults } from './Faults';
import './import.css';
import { words } from './words';

const MOST_BYTES = 20 * 1024 * 1024;
const NONE: Corrections = new Map();

type Preview = components['schemas']['ImportPreview'];
type Due = 'by_campaign' | 'now' | 'by_rules';

export default function Import() {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [corrections, setCorrections] = useState<Corrections>(NONE);
  // What was read last stays in sight while the corrected list is checked.
  const [read, setRead] = useState<Preview | undefined>(undefined);
  const [chosen, setChosen] = useState<string | null>(null);
  const [due, setDue] = useState<Due>('by_campaign');
  const campaigns = useQuery({
    queryKey: ['campaigns'],
    queryFn: ({ signal }) => ask(api.GET('/api/campaigns', { signal })),
  });
  const names = campaigns.data?.items.map((one) => one.name) ?? [];
  const campaign = chosen ?? names[0] ?? '';
  const sent = (list: File, cells: Corrections) => {
    const { body, octets } = bodyOf(list, cells);
    const query = { campaign, file: list.name.slice(0, 200), ...(octets > 0 ? { corrections: octets } : {}) };
    return { file: asIs(body), query };
  };
  const preview = useMutation({
    mutationFn: ({ list, cells }: { list: File; cells: Corrections }) => {
      const { file, query } = sent(list, cells);
      return ask(api.POST('/api/imports/preview', { params: { query }, ...file }));
    },
    onSuccess: setRead,
  });
  const take = useMutation({
    mutationFn: (list: File) => {
      const { file, query } = sent(list, corrections);
      return ask(api.POST('/api/imports', { params: { query: { ...query, due } }, ...file }));
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const isTooLarge = file !== null && file.size > MOST_BYTES;
  const choose = (list: File) => {
    setFile(list);
    setCorrections(NONE);
    setRead(undefined);
    preview.reset();
    take.reset();
    if (list.size <= MOST_BYTES) preview.mutate({ list, cells: NONE });
  };
  const again = () => {
    setFile(null);
    setCorrections(NONE);
    setRead(undefined);
    preview.reset();
    take.reset();
  };
  const check = (cells: Corrections) => {
    if (file === null) return;
    setCorrections(cells);
    take.reset();
    preview.mutate({ list: file, cells });
  };
  const done = take.data;
  const step = done !== undefined ? 2 : read !== undefined ? 1 : 0;
  const isSame = done !== undefined && done.added === 0 && done.updated === 0 && done.cases === 0;
  return (
    <>
      <PageHeader title={t('title')} {...(step === 1 ? { context: t('nothingSaved') } : {})} />
      <div className="imp">
        <ol className="imp-steps" aria-label={t('steps')}>
          {[t('stepFile'), t('stepCheck'), t('stepDone')].map((name, at) => (
            <li key={name} {...(at === step ? { 'aria-current': 'step' as const } : {})}>
              {at + 1} {name}
            </li>
          ))}
        </ol>
        {step === 0 && (
          <section className="card">
            {campaigns.error !== null ? (
              <CardError error={campaigns.error} retry={campaigns.refetch} />
            ) : campaigns.data === undefined ? (
              <Skeleton rows={4} />
            ) : names.length === 0 ? (
              <NoCampaign>{t('noCampaign')}</NoCampaign>
            ) : (
              <div className="imp-form">
                <label htmlFor={`${id}-campaign`}>{t('campaign')}</label>
                <Select
                  id={`${id}-campaign`}
                  value={campaign}
                  onChange={setChosen}
                  disabled={preview.isPending}
                  options={names.map((name) => ({ value: name, label: name }))}
                />
                <label htmlFor={`${id}-due`}>{t('due')}</label>
                <Select
                  id={`${id}-due`}
                  value={due}
                  onChange={setDue}
                  options={[
                    { value: 'by_campaign', label: t('byCampaign') },
                    { value: 'now', label: t('now') },
                    { value: 'by_rules', label: t('byRules') },
                  ]}
                />
                <FileField
                  label={t('choose')}
                  accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xlsb,.xls,.ods"
                  disabled={preview.isPending}
                  choose={choose}
                />
                <p className="ink-3 small">{t('hint')}</p>
                {isTooLarge && (
                  <p className="error-line" role="alert">
                    <Icon name="warning" />
                    {t('tooLarge')}
                  </p>
                )}
                {preview.isPending && <p role="status">{t('reading')}</p>}
                {preview.error !== null && <ErrorLine error={preview.error} />}
              </div>
            )}
          </section>
        )}
        {read !== undefined && done === undefined && file !== null && (
          <>
            <Strip
              label={t('stepCheck')}
              answer={{
                label: file.name,
                value: `${t('ready')} ${count(read.list.accepted)}`,
                note: t('readAs', {
                  format: read.list.format.toUpperCase(),
                  encoding: read.list.encoding ? ` ${read.list.encoding}` : '',
                  row: read.list.header_row,
                }),
              }}
              figures={[
                {
                  label: t('added'),
                  value: count(read.added),
                  note: t('rowsRead', { n: read.list.rows_read }),
                },
                { label: t('known'), value: count(read.known), note: t('knownNote') },
                { label: t('refused'), value: count(read.list.refused), note: t('refusedNote') },
                { label: t('duplicates'), value: count(read.list.duplicates) },
                { label: t('replaced'), value: count(read.list.replaced) },
              ]}
            />
            <div className="imp-row">
              <Button
                type="primary"
                disabled={read.list.accepted === 0 || preview.isPending}
                loading={take.isPending}
                onClick={() => take.mutate(file)}
              >
                {t('take', { n: read.list.accepted })}
              </Button>
              <Button disabled={take.isPending} onClick={again}>
                {t('other')}
              </Button>
              {read.list.accepted === 0 && <span className="ink-2">{t('nothingToTake')}</span>}
              {take.error !== null && <ErrorLine error={take.error} />}
            </div>
            {corrections.size > 0 && (
              <ul className="imp-fixed" aria-label={t('corrected')}>
                {[...corrections].map(([place, one]) => (
                  <li key={place}>
                    <span className="mono">{place}</span> {one.value === '' ? t('emptied') : one.value}
                    <Button
                      size="small"
                      type="text"
                      disabled={preview.isPending}
                      aria-label={t('takeBackOf', { place })}
                      onClick={() => check(takeBack(corrections, place))}
                    >
                      {t('takeBack')}
                    </Button>
                  </li>
                ))}
              </ul>
            )}
            {preview.error !== null && <ErrorLine error={preview.error} />}
            <Faults
              list={read.list}
              isChecking={preview.isPending}
              correct={(one: Correction) => check(put(corrections, one))}
            />
          </>
        )}
        {done !== undefined && (
          <>
            <Strip
              label={t('stepDone')}
              answer={{
                label: done.list.file,
                value: `${t('done')} ${count(done.list.accepted)}`,
                note: isSame ? t('sameAgain') : t('rowsRead', { n: done.list.rows_read }),
              }}
              figures={[
                { label: t('added'), value: count(done.added) },
                { label: t('updated'), value: count(done.updated) },
                { label: t('unchanged'), value: count(done.unchanged) },
                { label: t('refused'), value: count(done.list.refused) },
                {
                  label: t('cases'),
                  value: count(done.cases),
                  note: done.is_by_rules
                    ? t('byRulesNote')
                    : done.cases_closed > 0
                      ? t('casesClosed', { n: done.cases_closed })
                      : undefined,
                },
              ]}
            />
            <div className="imp-row">
              <Button type="primary" onClick={again}>
                {t('next')}
              </Button>
            </div>
            {done.without_case.length > 0 && (
              <section className="card" aria-label={t('withoutCase')}>
                <ul className="imp-list">
                  {done.without_case.map((one) => (
                    <li key={one.row}>
                      <span>{t('row', { row: one.row })}</span>
                      <span>{one.why}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <Faults list={done.list} />
          </>
        )}
      </div>
    </>
  );
}
