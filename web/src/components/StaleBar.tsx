// The bar under the top bar while the daemon does not answer: since when the data stands still.
import { useConnection } from '../api/connection';
import { useWords } from '../i18n';
import { words } from '../shell/words';
import { useTimes } from '../time';
import './components.css';
import { Icon } from './Icon';

export function StaleBar() {
  const { isLost, answeredAt } = useConnection();
  return isLost ? <StaleBarAt answeredAt={answeredAt} /> : null;
}

export function StaleBarAt({ answeredAt }: { answeredAt: number }) {
  const t = useWords(words);
  const times = useTimes();
  return (
    <div className="stale" role="alert">
      <Icon name="warning" />
      {t('lost', { at: times.clock(answeredAt) })}
    </div>
  );
}
