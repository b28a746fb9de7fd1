// The rows of a queue, virtual; Enter or a click opens the call with its scorecard.
import { Button } from 'antd';
import { type Column, CursorTable } from '../../components/CursorTable';
import { DispositionTag } from '../../components/DispositionTag';
import { EmptyLine } from '../../components/EmptyLine';
import { useWords } from '../../i18n';
import { NOTHING, useTimes } from '../../time';
import { type Queue, type Row, useRows } from './data';
import css from './review.module.css';
import { words } from './words';

const EMPTY = {
  mine: 'emptyMine',
  sample: 'emptySample',
  appeals: 'emptyAppeals',
  double: 'emptyDouble',
  signed: 'emptySigned',
} as const;

/** Answers worth less are low. */
const LOW = 50;

interface Props {
  readonly queue: Queue;
  readonly label: string;
  readonly onOpen: (row: Row) => void;
  /** Where there is something when there is nothing here. */
  readonly elsewhere?: () => void;
}

export function QueueTable({ queue, label, onOpen, elsewhere }: Props) {
  const t = useWords(words);
  const times = useTimes();
  const { table } = useRows(queue);
  const why = (row: Row): string => {
    if (row.kind === 'second') return t('kindSecond');
    if (row.kind === 'appeal') return t('kindAppeal');
    if (row.why === 'complaint') return t('whyComplaint');
    if (row.why === 'low_score') return t('whyLow');
    if (row.why === 'random') return t('whyRandom');
    return t('kindOwn');
  };
  const state = (row: Row): string => {
    if (row.state === 'signed') return row.hidden ? t('blind') : t('done');
    if (row.reviewer == null) return t('open');
    return t(row.state === 'draft' ? 'draft' : 'waiting');
  };
  const late = (row: Row): boolean => row.state !== 'signed' && new Date(row.due_at).getTime() < Date.now();
  const columns: Column<Row>[] = [
    { key: 'at', title: t('at'), width: '104px', cell: (row) => times.minute(row.answered_at) },
    { key: 'patient', title: t('patient'), width: '64px', cell: (row) => row.patient ?? NOTHING },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(110px, 1fr)',
      cell: (row) => [row.department, row.doctor].filter((one) => one != null).join(' · ') || NOTHING,
    },
    {
      key: 'result',
      title: t('result'),
      width: '124px',
      cell: (row) => <DispositionTag disposition={row.disposition} />,
    },
    {
      key: 'lowest',
      title: t('lowest'),
      width: '58px',
      align: 'right',
      cell: (row) => (
        <span className={row.lowest != null && row.lowest < LOW ? css.low : undefined}>
          {row.lowest ?? NOTHING}
        </span>
      ),
    },
    {
      key: 'length',
      title: t('length'),
      width: '76px',
      align: 'right',
      cell: (row) => times.length(row.length_ms),
    },
    { key: 'why', title: t('why'), width: '84px', cell: why },
    {
      key: 'due',
      title: t('due'),
      width: '112px',
      cell: (row) => (
        <span className={late(row) ? css.low : undefined} title={times.minute(row.due_at)}>
          {late(row) ? `${t('overdue')} ${times.day(row.due_at)}` : times.minute(row.due_at)}
        </span>
      ),
    },
    ...(queue === 'mine'
      ? []
      : [
          {
            key: 'reviewer',
            title: t('reviewer'),
            width: '76px',
            cell: (row: Row) => row.reviewer ?? NOTHING,
          },
        ]),
    { key: 'state', title: t('state'), width: '70px', cell: state },
    ...(queue === 'sample' || queue === 'signed'
      ? [
          {
            key: 'score',
            title: t('score'),
            width: '52px',
            align: 'right' as const,
            cell: (row: Row) => row.score ?? NOTHING,
          },
        ]
      : []),
  ];
  return (
    <CursorTable
      label={label}
      columns={columns}
      {...table}
      rowKey={(row) => row.id}
      onOpen={onOpen}
      rowClass={(row) => (row.why === 'complaint' ? 'is-bad' : undefined)}
      empty={
        <EmptyLine
          {...(elsewhere === undefined
            ? {}
            : {
                action: (
                  <Button size="small" onClick={elsewhere}>
                    {t('toSample')}
                  </Button>
                ),
              })}
        >
          {t(EMPTY[queue])}
        </EmptyLine>
      }
    />
  );
}
