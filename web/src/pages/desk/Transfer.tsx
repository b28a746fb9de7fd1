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
  const { door } = useDesk();
  const order = useOrder();
  const [number, setNumber] = useState('');
  const go = () => {
    const to = number.replace(/[\s-]/g, '');
    if (to !== '') order.run(() => door.transfer(talk.id, to), close);
  };
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
