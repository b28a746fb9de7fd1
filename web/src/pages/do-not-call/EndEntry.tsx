// An entry that is taken off the list: its effect stands before it is done; the entry stays, ended.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { api, ask } from '../../api/client';
import { ErrorLine } from '../../components/ErrorLine';
import { useWords } from '../../i18n';
import type { Entry } from './index';
import { words } from './words';

export function EndEntry({ entry, close }: { entry: Entry; close: () => void }) {
  const t = useWords(words);
  const id = useId();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const end = useMutation({
    mutationFn: () =>
      ask(api.POST('/api/do-not-call/{id}/end', { params: { path: { id: entry.id } }, body: { reason } })),
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: ['do-not-call'] });
    },
  });
  const isOwnWord = entry.source === 'key' || entry.source === 'attempt';
  return (
    <Modal
      open
      onCancel={close}
      title={`${t('end')} · ${entry.number ?? entry.name ?? ''}`}
      width={420}
      footer={[
        <Button key="cancel" onClick={close}>
          {t('cancel')}
        </Button>,
        <Button
          key="end"
          type="primary"
          disabled={reason.trim() === ''}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          {t('end')}
        </Button>,
      ]}
    >
      <div className="p-form">
        <p className="p-effect">{isOwnWord ? t('endOwn') : t('endEffect')}</p>
        <label htmlFor={id}>{t('reason')}</label>
        <Input
          id={id}
          autoFocus
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {end.error !== null && <ErrorLine error={end.error} />}
      </div>
    </Modal>
  );
}
