// The flags that people put on a call.

import { Checkbox, Modal } from 'antd';
import { useState } from 'react';

import type { Words } from './words';

/** What people may put; the rest the program finds. */
const BY_HAND = ['complaint', 'attention', 'example', 'bad_sound'] as const;

interface Props {
  readonly flags: readonly string[];
  readonly words: Words;
  readonly onSave: (flags: readonly string[]) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Saved as one set. */
export function Flags({ flags, words, onSave, onClose }: Props) {
  const [wanted, setWanted] = useState<readonly string[]>(() =>
    flags.filter((flag) => (BY_HAND as readonly string[]).includes(flag)),
  );
  const [fault, setFault] = useState('');
  return (
    <Modal
      open
      title={words.flagCall}
      okText={words.save}
      cancelText={words.cancel}
      closable={{ 'aria-label': words.close }}
      width={320}
      onCancel={onClose}
      onOk={() => {
        onSave(wanted)
          .then(onClose)
          .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
      }}
    >
      <Checkbox.Group
        value={[...wanted]}
        onChange={(values) => setWanted(values.map(String))}
        style={{ flexDirection: 'column', gap: 6 }}
        options={BY_HAND.map((value) => ({ value, label: words.flags[value] ?? value }))}
      />
      {fault !== '' && (
        <p role="alert" style={{ color: 'var(--bad)' }}>
          {fault}
        </p>
      )}
    </Modal>
  );
}
