// An entry that is taken off the list: its effect stands before it is done; the entry stays, ended.
import { useQueryClient } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { ActDialog } from '../../components/ActDialog';
import { useWords } from '../../i18n';
import type { Entry } from './index';
import { words } from './words';

export function EndEntry({ entry, close }: { entry: Entry; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const isOwnWord = entry.source === 'key' || entry.source === 'attempt';
  return (
    <ActDialog
      title={`${t('end')} · ${entry.number ?? entry.name ?? ''}`}
      act={t('end')}
      effect={isOwnWord ? t('endOwn') : t('endEffect')}
      reason={t('reason')}
      run={(reason) =>
        ask(api.POST('/api/do-not-call/{id}/end', { params: { path: { id: entry.id } }, body: { reason } }))
      }
      done={() => queries.invalidateQueries({ queryKey: ['do-not-call'] })}
      close={close}
    />
  );
}
