// The patient goes to a department's telephone, the agent is out of it: one of those that the house allows.
import { useState } from 'react';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import type { Talk } from './api';
import { useDesk } from './useDesk';
import { words } from './words';

export function Transfer({ talk, close }: { talk: Talk; close: () => void }) {
  const t = useWords(words);
  const { door, page, take } = useDesk();
  const transfers = page?.transfers ?? [];
  const [number, setNumber] = useState(transfers.length === 1 ? (transfers[0] ?? '') : '');
  return (
    <ActDialog
      title={t('transferTitle')}
      act={t('transferGo')}
      effect={transfers.length === 0 ? t('transferNone') : t('transferEffect')}
      isBlocked={number === ''}
      width={400}
      run={async () => take(await door.transfer(talk.id, number))}
      close={close}
    >
      {transfers.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
        <div className="dk-choices" role="group" aria-label={t('transferNumber')}>
          {transfers.map((one, at) => (
            <button
              key={one}
              type="button"
              // biome-ignore lint/a11y/noAutofocus: the dialog is there to choose one
              autoFocus={at === 0}
              aria-pressed={number === one}
              onClick={() => setNumber(one)}
            >
              {one}
            </button>
          ))}
        </div>
      )}
    </ActDialog>
  );
}
