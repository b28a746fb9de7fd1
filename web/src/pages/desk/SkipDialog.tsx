// Putting a case back without a call: a reason, chosen or written.
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { ErrorLine } from '../../components/ErrorLine';
import { useSay, useWords, type Word } from '../../i18n';
import type { Talk } from './api';
import { useDesk, useOrder } from './useDesk';
import { words } from './words';

const REASONS: readonly Word[] = [
  ['刚刚联系过', 'Just talked to'],
  ['先核对资料', 'Facts to be checked first'],
  ['应由科室联系', 'For the department to call'],
  ['不会说患者的方言', 'Does not speak the dialect'],
];

export function SkipDialog({ talk, open, close }: { talk: Talk; open: boolean; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const id = useId();
  const { door } = useDesk();
  const order = useOrder();
  const [reason, setReason] = useState('');
  const skip = (why: string) => {
    if (why.trim() !== '') order.run(() => door.skip(talk.id, why.trim()), close);
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t('skipTitle')}
      width={400}
      closable={{ 'aria-label': t('close') }}
      destroyOnHidden
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="skip"
          type="primary"
          loading={order.isRunning}
          disabled={reason.trim() === ''}
          onClick={() => skip(reason)}
        >
          {t('skip')}
        </Button>,
      ]}
    >
      <p className="dk-effect">{t('skipEffect')}</p>
      <div className="dk-choices">
        {REASONS.map((word) => (
          <Button key={word[0]} size="small" onClick={() => skip(word[0])}>
            {sayWord(word)}
          </Button>
        ))}
      </div>
      <label htmlFor={id}>{t('reason')}</label>
      <Input
        id={id}
        autoFocus
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onPressEnter={() => skip(reason)}
      />
      {order.error !== null && <ErrorLine error={order.error} />}
    </Modal>
  );
}
