// Passing the patient on to a department's number; its effect is said before it is done.
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import type { Talk } from './api';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

export function Transfer({ talk, open, close }: { talk: Talk; open: boolean; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const { door, page } = useDesk();
  const order = useOrder();
  const [number, setNumber] = useState('');
  const transfers = page?.transfers ?? [];
  const pass = (to: string) => {
    if (to !== '') order.run(() => door.transfer(talk.id, to), close);
  };
  const go = () => pass(number.replace(/[\s-]/g, ''));
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t('transferTitle')}
      width={400}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="go"
          type="primary"
          loading={order.isRunning}
          disabled={number.trim() === ''}
          onClick={go}
        >
          {t('transferGo')}
        </Button>,
      ]}
    >
      <p className="dk-effect">{t('transferEffect')}</p>
      {transfers.length > 0 && (
        <div className="dk-choices">
          {transfers.map((one) => (
            <button key={one} type="button" onClick={() => setNumber(one)}>
              {one}
            </button>
          ))}
        </div>
      )}
      <label htmlFor={id}>{t('transferNumber')}</label>
      <Input
        id={id}
        autoFocus
        inputMode="tel"
        maxLength={21}
        value={number}
        onChange={(event) => setNumber(event.target.value)}
        onPressEnter={go}
      />
      {order.error !== null && <ErrorLine error={order.error} />}
    </Modal>
  );
}
