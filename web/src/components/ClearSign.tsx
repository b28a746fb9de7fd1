// The sign of a field that can be emptied, with its name: Ant's own is named in English.
import { useWords } from '../i18n';
import { Icon } from './Icon';
import { words } from './words';

function ClearSign() {
  const t = useWords(words);
  return (
    <>
      <Icon name="cross" size={12} />
      <span className="unseen">{t('empty')}</span>
    </>
  );
}

/** `allowClear={clearable}` */
export const clearable = { clearIcon: <ClearSign /> };
