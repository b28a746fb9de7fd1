// /review: what must be reviewed next, and whether we judge alike.
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { download } from '../../api/client';
import { ApiError } from '../../api/error';
import { useMay } from '../../api/session';
import { useLanguage, useWords } from '../../i18n';
import { useBadge } from '../../shell/badges';
import { PageHeader } from '../../shell/header';
import { beginWalk } from '../replay/queue';
import { band } from '../replay/ScorecardMarks';
import { AgreementCard } from './AgreementCard';
import { DrawDialog } from './DrawDialog';
import { claim, kappaText, QUEUES, type Queue, type Row, useRedraw, useSummary } from './data';
import { QueueTable } from './QueueTable';
import css from './review.module.css';
import { words } from './words';

const BANDS = {
  poor: 'bandPoor',
  slight: 'bandSlight',
  fair: 'bandFair',
  moderate: 'bandModerate',
  substantial: 'bandSubstantial',
  perfect: 'bandPerfect',
} as const;

const isQueue = (text: string | null): text is Queue => QUEUES.some((queue) => queue === text);

export default function ReviewPage() {
  const t = useWords(words);
  const navigate = useNavigate();
  const [address, setAddress] = useSearchParams();
  const asked = address.get('queue');
  const queue: Queue = isQueue(asked) ? asked : 'mine';
  const { data: summary } = useSummary();
  const mayDesign = useMay('design_scorecards') !== null;
  const mayExport = useMay('export_reports') !== null;
  const [drawing, setDrawing] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const redraw = useRedraw();
  useBadge('/review', summary?.mine ?? 0);

  const show = (next: Queue): void => {
    const kept = new URLSearchParams(address);
    kept.set('queue', next);
    setAddress(kept, { replace: true });
  };
  const open = async (row: Row): Promise<void> => {
    try {
      // What nobody has is the opener's from now on.
      if (row.reviewer == null && row.state !== 'signed') await claim(row.id);
      beginWalk(queue);
      navigate(`/recordings/${row.call_id}?tab=scorecard&review=${queue}`);
    } catch (error) {
      setFailure(ApiError.of(error));
    }
  };
  const take = async (format: 'xlsx' | 'csv'): Promise<void> => {
    const [to, from] = [new Date(Date.now() + 1_000), new Date(Date.now() - 92 * 86_400_000)];
    try {
      await download(
        `/api/reviews/export?format=${format}&from_at=${from.toISOString()}&to_at=${to.toISOString()}`,
      );
    } catch (error) {
      setFailure(ApiError.of(error));
    }
  };
  const sample = summary?.sample ?? null;
  const counts: Record<Queue, string> = {
    mine: summary === undefined ? '' : String(summary.mine),
    sample: sample === null ? '' : t('progress', { done: sample.signed, all: sample.drawn }),
    appeals: summary === undefined ? '' : String(summary.appeals),
    double: summary === undefined ? '' : String(summary.doubles),
    signed: '',
  };
  const names = {
    mine: t('mine'),
    sample: t('sampled'),
    appeals: t('appeals'),
    double: t('double'),
    signed: t('signed'),
  } as const;
  const kappa = summary?.agreement;

  return (
    <>
      <PageHeader
        title={t('title')}
        actions={
          <>
            {mayExport && (
              <Dropdown
                trigger={['click']}
                menu={{
                  items: [
                    { key: 'xlsx', label: t('exportXlsx') },
                    { key: 'csv', label: t('exportCsv') },
                  ],
                  onClick: ({ key }) => void take(key === 'csv' ? 'csv' : 'xlsx'),
                }}
              >
                <Button>{t('exportOut')}</Button>
              </Dropdown>
            )}
            {mayDesign && <Button onClick={() => navigate('/review/scorecards')}>{t('scorecards')}</Button>}
          </>
        }
      />
      <div className={`fill ${css.page}`}>
        <section className={css.strip}>
          <div className={css.tabs} role="tablist" aria-label={t('tabs')}>
            {QUEUES.map((one) => (
              <button
                key={one}
                type="button"
                role="tab"
                id={`queue-${one}`}
                aria-selected={one === queue}
                aria-controls="queue"
                className={one === queue ? css.on : undefined}
                onClick={() => show(one)}
              >
                {names[one]} {counts[one] !== '' && <b>{counts[one]}</b>}
              </button>
            ))}
          </div>
          <div className={css.sample}>
            <h2>{t('sample')}</h2>
            {sample === null ? (
              <span>{t('noSample')}</span>
            ) : (
              <span title={t('seedHint')}>
                {t('sampleShort', {
                  seed: sample.seed,
                  share: String(sample.share),
                  complaints: String(sample.complaint_share),
                  low: String(sample.low_share),
                })}
              </span>
            )}
            {sample !== null && (
              <button type="button" className="plain" onClick={() => redraw.mutate(sample.id)}>
                {t('redraw')}
              </button>
            )}
            {mayDesign && (
              <Button size="small" onClick={() => setDrawing(true)}>
                {t('draw')}
              </Button>
            )}
          </div>
          <div className={css.kappa} title={t('kappaHint')}>
            <h2>{t('agreement')}</h2>
            <b>
              {kappa?.kappa == null
                ? t('kappaNone', { n: kappa?.calls ?? 0 })
                : t('kappa', { k: kappaText(kappa.kappa), n: kappa.calls })}
            </b>
            {kappa?.kappa != null && <span>{t(BANDS[band(kappa.kappa)])}</span>}
          </div>
        </section>
        {redraw.data !== undefined && (
          <p className={redraw.data.same ? css.good : css.bad} role="status">
            {t(redraw.data.same ? 'same' : 'differs')}
          </p>
        )}
        {failure !== null && (
          <p className={css.bad} role="alert">
            {failure.detail}
          </p>
        )}
        {sample !== null && queue === 'sample' && <Sentence sample={sample} />}
        <div className={css.cols}>
          <div className={`card ${css.list}`} id="queue" role="tabpanel" aria-labelledby={`queue-${queue}`}>
            <QueueTable
              key={queue}
              queue={queue}
              label={names[queue]}
              onOpen={(row) => void open(row)}
              {...(sample !== null && queue === 'mine' ? { elsewhere: () => show('sample') } : {})}
            />
          </div>
          <AgreementCard />
        </div>
      </div>
      {drawing && <DrawDialog onClose={() => setDrawing(false)} onDrawn={() => show('sample')} />}
    </>
  );
}

function Sentence({ sample }: { sample: { zh: string; en: string } }) {
  const { language } = useLanguage();
  return <p className={css.sentence}>{language === 'zh' ? sample.zh : sample.en}</p>;
}
