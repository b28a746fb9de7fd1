// What needs a person, with what can be done in place. The order is the daemon's: by harm.
import type { RefObject } from 'react';
import { Link } from 'react-router';
import { useMay } from '../../api/session';
import { Attention, type AttentionItem as Item } from '../../components/Attention';
import { Card } from '../../components/Card';
import { Icon, type IconName } from '../../components/Icon';
import { useStill } from '../../components/still';
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

export function Needs({
  board,
  list,
  resume,
}: {
  board: Board;
  list: RefObject<HTMLDivElement | null>;
  resume: (campaign: number) => void;
}) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const mayListen = useMay('listen') !== null;
  const mayRun = useMay('run_campaigns') !== null;
  const zh = language === 'zh';
  const still = useStill(board.attention, (item) => item.id);
  const shown = (item: AttentionItem): Item => {
    const { attempt, campaign, question } = item;
    const hears = attempt != null && mayListen;
    const resumes = campaign != null && mayRun;
    const base: Item = {
      id: item.id,
      level: item.level === 'harm' ? 'bad' : 'warn',
      icon: icons[item.kind],
      title: zh ? item.title_zh : item.title_en,
      time: item.at ? times.hour(item.at) : '',
      detail: zh ? item.text_zh : item.text_en,
    };
    if (!hears && !resumes && item.kind !== 'too_short') return base;
    return {
      ...base,
      acts: (
        <>
          {hears && (
            <Link
              className="t-act"
              to={`/recordings/${attempt}${question ? `?q=${encodeURIComponent(question)}` : ''}`}
            >
              <Icon name="play" size={12} />
              {t('hear')}
            </Link>
          )}
          {resumes && (
            <button type="button" className="t-act" onClick={() => resume(campaign)}>
              {t('resume')}
            </button>
          )}
          {item.kind === 'too_short' && (
            <Link className="t-act" to="/campaigns">
              {t('openCampaigns')}
            </Link>
          )}
        </>
      ),
    };
  };
  return (
    <Card
      className="t-card t-needs"
      title={
        <>
          {t('needsYou')} {board.attention.length > 0 && <b className="t-count">{board.attention.length}</b>}
        </>
      }
      extra={
        <span aria-live="polite">{still.waiting > 0 ? t('newOnes', { n: still.waiting }) : t('byHarm')}</span>
      }
    >
      {still.rows.length === 0 ? (
        <p className="t-empty">{t('nothingNeeded')}</p>
      ) : (
        <div className="t-scroll" ref={list} {...still.hold}>
          <Attention items={still.rows.map(shown)} />
        </div>
      )}
    </Card>
  );
}
