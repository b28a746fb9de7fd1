// The brake: says what it does before it does it, and asks for a reason.
import { Checkbox } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import type { Board } from './board';
import { words } from './words';

export function PauseAll({ board, open, close }: { board: Board; open: boolean; close: () => void }) {
  return open ? <Pausing board={board} close={close} /> : null;
}

function Pausing({ board, close }: { board: Board; close: () => void }) {
  const t = useWords(words);
  const [now, setNow] = useState(false);
  return (
    <ActDialog
      title={t('pauseAll')}
      act={t('pauseAll')}
      isDanger
      effect={t('pauseAllEffect', { calls: board.sums.busy, cases: board.sums.due - board.sums.done })}
      reason={t('reason')}
      run={(reason) => ask(api.POST('/api/tonight/pause_all', { body: { now, reason } }))}
      close={close}
    >
      <Checkbox checked={now} onChange={(event) => setNow(event.target.checked)}>
        {t('pauseAllNow')}
      </Checkbox>
    </ActDialog>
  );
}
