// A number that nobody is to call.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Segmented } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import { words } from './words';

type Level = 'always' | 'purpose' | 'campaign';

export function AddEntry({ close }: { close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [number, setNumber] = useState('');
  const [level, setLevel] = useState<Level>('always');
  const [only, setOnly] = useState('');
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/do-not-call', {
          body: { number, level, only: level === 'always' ? null : only, reason },
        }),
      ),
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: ['do-not-call'] });
    },
  });
  const lacks = number.trim() === '' || reason.trim() === '' || (level !== 'always' && only.trim() === '');
  return (
    <Modal
      open
      onCancel={close}
      title={t('add')}
      width={420}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="save"
          type="primary"
          disabled={lacks}
          loading={add.isPending}
          onClick={() => add.mutate()}
        >
          {t('save')}
        </Button>,
      ]}
    >
      <div className="p-form">
        <label htmlFor={`${id}-number`}>{t('number')}</label>
        <Input
          id={`${id}-number`}
          autoFocus
          inputMode="tel"
          maxLength={40}
          value={number}
          onChange={(event) => setNumber(event.target.value)}
        />
        <span id={`${id}-level`}>{t('level')}</span>
        <Segmented
          aria-labelledby={`${id}-level`}
          value={level}
          onChange={setLevel}
          options={[
            { value: 'always', label: t('always') },
            { value: 'purpose', label: t('purpose') },
            { value: 'campaign', label: t('campaign') },
          ]}
        />
        {level !== 'always' && (
          <Input
            maxLength={200}
            placeholder={t('only')}
            aria-label={t('only')}
            value={only}
            onChange={(event) => setOnly(event.target.value)}
          />
        )}
        <label htmlFor={`${id}-reason`}>{t('reason')}</label>
        <Input
          id={`${id}-reason`}
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <p className="ink-3 small">{t('addEffect')}</p>
        {add.error !== null && <ErrorLine error={add.error} />}
      </div>
    </Modal>
  );
}
