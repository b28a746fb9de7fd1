// The way out of the house: a reason, then the sealed ZIP.

import { Modal } from 'antd';
import { useState } from 'react';

import { download } from '../../api/client';
import css from './replay.module.css';
import type { Words } from './words';

interface Props {
  readonly callId: number;
  readonly words: Words;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Nothing is fetched before there is a reason. */
export function Bundle({ callId, words, onClose, onDone }: Props) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const take = (): void => {
    const why = reason.trim();
    if (why === '' || busy) return;
    setBusy(true);
    setFault('');
    download(`/api/calls/${callId}/bundle?reason=${encodeURIComponent(why)}`)
      .then(onDone)
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Modal
      open
      title={words.exportBundle}
      okText={busy ? words.exporting : words.export}
      cancelText={words.cancel}
      okButtonProps={{ disabled: reason.trim() === '' || busy }}
      closable={{ 'aria-label': words.close }}
      onOk={take}
      onCancel={onClose}
      width={440}
    >
      <label htmlFor="bundle-reason">{words.exportWhy}</label>
      <textarea
        id="bundle-reason"
        className={css.box}
        rows={3}
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <p
        style={{ margin: '4px 0 0', fontSize: 12, color: fault === '' ? 'var(--ink-3)' : 'var(--bad)' }}
        role={fault === '' ? undefined : 'alert'}
      >
        {fault === '' ? words.exportHint : fault}
      </p>
    </Modal>
  );
}
