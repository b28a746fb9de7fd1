// What goes on on one line: who, which question, which keys. It follows the line while it is open.
import { Drawer } from 'antd';
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Keycap } from '../../components/Keycap';
import { useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { Board } from './board';
import { CellShape, stateWord } from './LineWall';
import { words } from './words';

export function LineDrawer({
  board,
  place,
  now,
  close,
}: {
  board: Board;
  place: { trunk: number; line: number } | null;
  now: number;
  close: () => void;
}) {
  const t = useWords(words);
  const times = useTimes();
  const mayOpen = useMay('see_calls') !== null;
  const cell =
    place === null
      ? undefined
      : board.lines.find((one) => one.trunk === place.trunk && one.line === place.line);
  const call = cell?.call;
  return (
    <Drawer
      open={place !== null}
      onClose={close}
      size={340}
      title={
        place === null ? '' : t('line', { trunk: board.trunks[place.trunk]?.name ?? '', line: place.line })
      }
      closable={{ 'aria-label': t('close') }}
    >
      {cell && (
        <p className="t-line-state">
          <CellShape state={cell.state} size={24} />
          <b>{t(stateWord(cell.state))}</b>
          {call && (
            <span className="ink-3">
              {t('lasts')} {times.length(Math.max(0, now - Date.parse(call.since_at)))}
            </span>
          )}
        </p>
      )}
      {call ? (
        <dl className="t-facts">
          <dt>{t('patient')}</dt>
          <dd>
            {call.patient ?? t('byHand')} <span className="ink-3">{call.department}</span>
          </dd>
          {call.campaign && (
            <>
              <dt>{t('campaign')}</dt>
              <dd>{call.campaign}</dd>
            </>
          )}
          <dt>{t('questionNow')}</dt>
          <dd>{call.question ?? <span className="ink-3">{t('noQuestion')}</span>}</dd>
          <dt>{t('keysSoFar')}</dt>
          <dd className="t-keys">
            {call.keys === '' ? (
              <span className="ink-3">{t('noKeys')}</span>
            ) : (
              [...call.keys].map((key, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: keys are only added at the end
                <Keycap key={at}>{key}</Keycap>
              ))
            )}
          </dd>
        </dl>
      ) : (
        <p className="ink-3">{t('lineFree')}</p>
      )}
      {call && mayOpen && <Link to={`/recordings/${call.attempt}`}>{t('openCall')}</Link>}
    </Drawer>
  );
}
