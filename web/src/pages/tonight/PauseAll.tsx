// The brake: says what it does before it does it, and asks for a reason.
import { useMutation } from '@tanstack/react-query';
import { Checkbox, Input, Modal } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { useWords } from '../../i18n';
import type { Board } from './board';
import { words } from './words';

export function PauseAll({ board, open, close }: { board: Board; open: boolean; close: () => void }) {
  const t = useWords(words);
  const [reason, setReason] = useState('');
  const [now, setNow] = useState(false);
  const pause = useMutation({
    mutationFn: () => ask(api.POST('/api/tonight/pause_all', { body: { now, reason: reason.trim() } })),
    onSuccess: () => {
      setReason('');
      setNow(false);
      close();
    },
  });
  return (
    <Modal
      open={open}
      title={t('pauseAll')}
      okText={t('pauseAll')}
      cancelText={t('cancel')}
      okButtonProps={{ danger: true, disabled: reason.trim() === '', loading: pause.isPending }}
      onOk={() => pause.mutate()}
      onCancel={close}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
    >
      <p>{t('pauseAllEffect', { calls: board.sums.busy, cases: board.sums.due - board.sums.done })}</p>
      <label className="t-field" htmlFor="pause-reason">
        <span>{t('reason')}</span>
        <Input
          id="pause-reason"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={() => reason.trim() !== '' && pause.mutate()}
          autoFocus
        />
      </label>
      <Checkbox checked={now} onChange={(event) => setNow(event.target.checked)}>
        {t('pauseAllNow')}
      </Checkbox>
      {pause.error && (
        <p role="alert" className="t-error">
          {ApiError.of(pause.error).detail}
        </p>
      )}
    </Modal>
  );
}
