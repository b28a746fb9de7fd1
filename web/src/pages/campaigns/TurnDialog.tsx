// Start, pause, resume, stop: says what it does, asks for a reason, shows what the daemon answers.
import { useMutation } from '@tanstack/react-query';
import { Checkbox, Input, Modal } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import { useWords } from '../../i18n';
import './campaigns.css';
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
  const [reason, setReason] = useState('');
  const [now, setNow] = useState(false);
  const ends = turn.deed === 'pause' || turn.deed === 'stop';
  const act = useMutation({
    mutationFn: () =>
      ask(
        api.POST(paths[turn.deed], {
          params: { path: { id: turn.id } },
          body: { now: ends && now, reason: reason.trim() },
        }),
      ),
    onSuccess: () => {
      done();
      close();
    },
  });
  const isReady = reason.trim() !== '';
  return (
    <Modal
      open
      title={t(titles[turn.deed], { name: turn.name })}
      okText={t(turn.deed)}
      cancelText={t('cancel')}
      okButtonProps={{ danger: ends, disabled: !isReady, loading: act.isPending }}
      onOk={() => act.mutate()}
      onCancel={close}
      closable={{ 'aria-label': t('close') }}
    >
      <p>{t(effects[turn.deed])}</p>
      <label className="c-field" htmlFor="turn-reason">
        <span>{t('reason')}</span>
        <Input
          id="turn-reason"
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={() => isReady && act.mutate()}
        />
      </label>
      {ends && (
        <Checkbox checked={now} onChange={(event) => setNow(event.target.checked)}>
          {t('now')}
        </Checkbox>
      )}
      {act.error && (
        <p role="alert" className="c-error">
          {ApiError.of(act.error).detail}
        </p>
      )}
    </Modal>
  );
}
