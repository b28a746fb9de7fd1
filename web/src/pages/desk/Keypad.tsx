// Keys for the patient's side: an exchange that asks for an extension, a menu.
import { Modal } from 'antd';
import { useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import type { Talk } from './api';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

const KEYS: readonly string[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

export function Keypad({ talk, open, close }: { talk: Talk; open: boolean; close: () => void }) {
  const t = useWords(words);
  const { door } = useDesk();
  const order = useOrder();
  const [sent, setSent] = useState('');
  const press = (key: string) =>
    order.run(
      () => door.press(talk.id, key),
      () => setSent((before) => before + key),
    );
  return (
    <Modal
      open={open}
      onCancel={close}
      afterClose={() => setSent('')}
      title={t('keypadTitle')}
      footer={null}
      width={280}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: digits typed anywhere in the dialog are keys of the pad */}
      <div
        className="dk-pad"
        onKeyDown={(event) => {
          if (KEYS.includes(event.key)) press(event.key);
        }}
      >
        {KEYS.map((key, at) => (
          // biome-ignore lint/a11y/noAutofocus: the dialog is there to type keys
          <button key={key} type="button" autoFocus={at === 0} onClick={() => press(key)}>
            {key}
          </button>
        ))}
      </div>
      <p className="ink-3 small" role="status">
        {sent === '' ? ' ' : t('keypadSent', { keys: sent })}
      </p>
      {order.error !== null && <ErrorLine error={order.error} />}
    </Modal>
  );
}
