// What needs a person, with what can be done in place. The order is the daemon's: by harm.
import { forwardRef } from 'react';
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Icon, type IconName } from '../../components/Icon';
import { useLanguage, useWords } from '../../i18n';
import { useTimes } from '../../time';
import type { AttentionItem, Board } from './board';
import { words } from './words';

const icons: Record<AttentionItem['kind'], IconName> = {
  held: 'pause',
  low_score: 'warning',
  trunk: 'clock',
  too_short: 'clock',
  deadlines: 'calendar',
  paused: 'pause',
  alarm: 'warning',
};

export const Attention = forwardRef<HTMLUListElement, { board: Board; resume: (campaign: number) => void }>(
  function Attention({ board, resume }, list) {
    const t = useWords(words);
    const items = board.attention;
    return (
      <section className="card t-card t-needs">
        <header>
          <h2>{t('needsYou')}</h2>
          {items.length > 0 && <b className="t-count">{items.length}</b>}
          <div>{t('byHarm')}</div>
        </header>
        {items.length === 0 ? (
          <p className="t-empty">{t('nothingNeeded')}</p>
        ) : (
          <ul ref={list} className="t-scroll">
            {items.map((item) => (
              <Item key={item.id} item={item} resume={resume} />
            ))}
          </ul>
        )}
      </section>
    );
  },
);

function Item({ item, resume }: { item: AttentionItem; resume: (campaign: number) => void }) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const mayListen = useMay('listen') !== null;
  const mayRun = useMay('run_campaigns') !== null;
  const zh = language === 'zh';
  const { attempt, campaign, question } = item;
  return (
    <li className={item.level === 'harm' ? 't-item t-harm' : 't-item'}>
      <div className="t-item-head">
        <Icon name={icons[item.kind]} />
        <b>{zh ? item.title_zh : item.title_en}</b>
        <span className="t-item-time">{item.at ? times.hour(item.at) : ''}</span>
      </div>
      <p>{zh ? item.text_zh : item.text_en}</p>
      <div className="t-acts">
        {attempt != null && mayListen && (
          <Link className="t-act" to={`/recordings/${attempt}${question ? `?q=${encodeURIComponent(question)}` : ''}`}>
            <Icon name="play" size={12} />
            {t('hear')}
          </Link>
        )}
        {campaign != null && mayRun && (
          <button type="button" className="t-act" onClick={() => resume(campaign)}>
            {t('resume')}
          </button>
        )}
        {item.kind === 'too_short' && (
          <Link className="t-act" to="/campaigns">
            {t('openCampaigns')}
          </Link>
        )}
      </div>
    </li>
  );
}
