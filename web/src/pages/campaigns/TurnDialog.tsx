// Start, pause, resume, stop: says what it does, asks for a reason, shows what the daemon answers.
import { Checkbox } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import type { Deed } from './states';
import { words } from './words';

export interface Turn {
  id: number;
  name: string;
  deed: Deed;
}

const titles = {
  start: 'startTitle',
  pause: 'pauseTitle',
  resume: 'resumeTitle',
  stop: 'stopTitle',
} as const;
const effects = {
  start: 'startEffect',
  pause: 'pauseEffect',
  resume: 'resumeEffect',
  stop: 'stopEffect',
} as const;
const paths = {
  start: '/api/campaigns/{id}/start',
  pause: '/api/campaigns/{id}/pause',
  resume: '/api/campaigns/{id}/resume',
  stop: '/api/campaigns/{id}/stop',
} as const;

export function TurnDialog({
  turn,
  close,
  done,
}: {
  turn: Turn | null;
  close: () => void;
  done: () => void;
}) {
  return turn === null ? null : (
    <Asked key={`${turn.id}${turn.deed}`} turn={turn} close={close} done={done} />
  );
}

function Asked({ turn, close, done }: { turn: Turn; close: () => void; done: () => void }) {
  const t = useWords(words);
  const [now, setNow] = useState(false);
  const ends = turn.deed === 'pause' || turn.deed === 'stop';
  return (
    <ActDialog
      title={t(titles[turn.deed], { name: turn.name })}
      act={t(turn.deed)}
      isDanger={ends}
      effect={t(effects[turn.deed])}
      reason={t('reason')}
      run={(reason) =>
        ask(
          api.POST(paths[turn.deed], {
            params: { path: { id: turn.id } },
            body: { now: ends && now, reason },
          }),
        )
      }
      done={done}
      close={close}
    >
      {ends && (
        <Checkbox checked={now} onChange={(event) => setNow(event.target.checked)}>
          {t('now')}
        </Checkbox>
      )}
    </ActDialog>
  );
}
