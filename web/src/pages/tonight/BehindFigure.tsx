// The calls behind a figure of the board: which figure stands in the address, so that the list can be sent to a colleague.
import { Drawer } from 'antd';
import { Link, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import type { Column } from '../../components/CursorTable';
import { DispositionTag } from '../../components/DispositionTag';
import { lookOf } from '../../components/dispositions';
import { FigureList } from '../../components/FigureList';
import { useSay, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Board } from './board';
import { figureAt, type NightFigure, nOf, ON_BOARD } from './figures';
import { words } from './words';

type CallLine = components['schemas']['CallLine'];

const names = {
  done: 'done',
  completed: 'completed',
  not_completed: 'notCompleted',
  attempts: 'attemptsEnded',
  answered: 'answeredCalls',
  own_faults: 'ownFaults',
} as const;

export function BehindFigure({ board }: { board: Board }) {
  const t = useWords(words);
  const sayWord = useSay();
  const [address, setAddress] = useSearchParams();
  const figure = figureAt(address);
  const close = () =>
    setAddress(
      (before) => {
        for (const name of ON_BOARD) before.delete(name);
        return before;
      },
      { replace: true },
    );
  const parts = [];
  if (figure !== null) {
    parts.push(t(names[figure.figure]));
    if (figure.disposition !== undefined) parts.push(sayWord(lookOf(figure.disposition).word));
    const campaign = board.campaigns.find((one) => one.id === figure.campaign);
    if (campaign !== undefined) parts.push(campaign.name);
    if (figure.trunk !== undefined) parts.push(figure.trunk, t('lastHour'));
  }
  return (
    <Drawer
      open={figure !== null}
      onClose={close}
      title={parts.join(' · ')}
      size={720}
      destroyOnHidden
      closable={{ 'aria-label': t('close') }}
    >
      {figure !== null && <List figure={figure} shown={nOf(board, figure)} name={parts.join(' · ')} />}
    </Drawer>
  );
}

function List({ figure, shown, name }: { figure: NightFigure; shown: number | null; name: string }) {
  const t = useWords(words);
  const times = useTimes();
  const { table, first } = usePages(
    ['tonight-calls', figure],
    (cursor, signal) =>
      ask(api.GET('/api/tonight/calls', { params: { query: { ...figure, ...cursor } }, signal })),
    { staleTime: 0 },
  );
  const total = first?.total?.count;
  const columns: readonly Column<CallLine>[] = [
    { key: 'at', title: t('time'), width: '104px', cell: (call) => times.minute(call.at) },
    {
      key: 'patient',
      title: t('patient'),
      width: 'minmax(72px, 1fr)',
      cell: (call) => call.patient ?? call.visit ?? '—',
    },
    {
      key: 'department',
      title: t('department'),
      width: 'minmax(90px, 1fr)',
      cell: (call) => call.department ?? '—',
    },
    {
      key: 'result',
      title: t('result'),
      width: 'minmax(150px, 1.4fr)',
      cell: (call) => (call.ending ? <DispositionTag disposition={call.ending.disposition} /> : '—'),
    },
    {
      key: 'open',
      title: <span className="unseen">{t('openCall')}</span>,
      width: '84px',
      align: 'right',
      cell: (call) => <Link to={`/recordings/${call.id}`}>{t('openCall')}</Link>,
    },
  ];
  return (
    <FigureList
      total={total}
      agrees={shown === null || shown === total}
      same={t('matchesBoard', { n: total ?? 0 })}
      other={t('movedOn', { list: total ?? 0, board: shown ?? 0 })}
      again={{ word: t('readAgain'), run: table.retry }}
      label={name}
      columns={columns}
      {...table}
      rowKey={(call) => call.id}
      empty={t('emptyList')}
    />
  );
}
