// A list of numbers in a file: its faults are told before anything is entered.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { asIs } from '../../api/files';
import { ErrorLine } from '../../components/ErrorLine';
import { FileField } from '../../components/FileField';
import { Heads } from '../../components/Heads';
import { useWords } from '../../i18n';
import { words } from './words';

type Step = 'preview' | 'take';

export function TakeFile({ close }: { close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: async ({ list, step }: { list: File; step: Step }) =>
      ask(
        api.POST('/api/do-not-call/import', {
          params: { query: { file: list.name.slice(0, 200), step } },
          ...asIs(list),
        }),
      ),
    onSuccess: (_, { step }) =>
      step === 'take' ? queries.invalidateQueries({ queryKey: ['do-not-call'] }) : undefined,
  });
  const read = send.data;
  const choose = (list: File) => {
    setFile(list);
    send.mutate({ list, step: 'preview' });
  };
  const isTaken = read?.entered !== undefined && read?.entered !== null;
  return (
    <Modal
      open
      onCancel={close}
      title={t('takeFile')}
      width={640}
      footer={[
        <Button key="close" onClick={close}>
          {isTaken ? t('close') : t('cancel')}
        </Button>,
        read !== undefined && !isTaken && file !== null && (
          <Button
            key="take"
            type="primary"
            disabled={read.numbers === 0}
            loading={send.isPending}
            onClick={() => send.mutate({ list: file, step: 'take' })}
          >
            {t('take', { n: read.numbers })}
          </Button>
        ),
      ]}
    >
      <div className="p-form">
        <p className="ink-2">{t('fileHint')}</p>
        <FileField label={t('chooseFile')} accept=".csv,.tsv,.txt,.xlsx,.xls" choose={choose} />
        {send.error !== null && <ErrorLine error={send.error} />}
        {read !== undefined && (
          <p role="status">
            <b>
              {isTaken && read.entered
                ? t('taken', { added: read.entered.added, known: read.entered.known })
                : t('read', {
                    rows: read.rows_read,
                    n: read.numbers,
                    twice: read.duplicates,
                    refused: read.refused,
                  })}
            </b>
          </p>
        )}
        {read !== undefined && read.faults.length > 0 && (
          <section className="p-faults" aria-label={t('faults')}>
            <table>
              <Heads of={[t('row'), t('value'), t('why')]} />
              <tbody>
                {read.faults.map((fault) => (
                  <tr key={`${fault.row}-${fault.column}`}>
                    <td>{`${fault.column}${fault.row}`}</td>
                    <td>{fault.value}</td>
                    <td>{fault.why}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </div>
    </Modal>
  );
}
