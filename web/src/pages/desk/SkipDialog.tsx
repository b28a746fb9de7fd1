// Putting a case back without a call: a reason, chosen or written.
import { ActDialog } from '../../components/ActDialog';
import { useSay, useWords, type Word } from '../../i18n';
import type { Talk } from './api';
import { useDesk } from './useDesk';
import { words } from './words';

const REASONS: readonly Word[] = [
  ['刚刚联系过', 'Just talked to'],
  ['先核对资料', 'Facts to be checked first'],
  ['应由科室联系', 'For the department to call'],
  ['不会说患者的方言', 'Does not speak the dialect'],
];

export function SkipDialog({ talk, close }: { talk: Talk; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const { door, take } = useDesk();
  return (
    <ActDialog
      title={t('skipTitle')}
      act={t('skip')}
      effect={t('skipEffect')}
      reason={t('reason')}
      offers={REASONS.map((word) => [word[0], sayWord(word)] as const)}
      width={400}
      run={async (reason) => take(await door.skip(talk.id, reason))}
      close={close}
    />
  );
}
