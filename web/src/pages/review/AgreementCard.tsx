// How alike we judge: by reviewer, by item.
import { CardError } from '../../components/ErrorLine';
import { Heads } from '../../components/Heads';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useWords } from '../../i18n';
import { NOTHING } from '../../time';
import { type Kappa, kappaText, useAgreement } from './data';
import css from './review.module.css';
import { words } from './words';

function KappaCell({ kappa }: { kappa: Kappa }) {
  const t = useWords(words);
  return (
    <td className={css.num} title={t('kappaHint')}>
      {kappaText(kappa.kappa)} <small>n {kappa.calls}</small>
    </td>
  );
}

const signed = (value: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}`;

export function AgreementCard() {
  const t = useWords(words);
  const { language } = useLanguage();
  const { data, error, refetch } = useAgreement();
  return (
    <aside className={`card ${css.side}`} aria-label={t('agreement')}>
      {error !== null && <CardError error={error} retry={refetch} />}
      {data === undefined && error === null && <Skeleton rows={6} />}
      {data !== undefined && (
        <>
          <h2>{t('people')}</h2>
          {data.reviewers.length === 0 ? (
            <p className={css.none}>{t('noPeople')}</p>
          ) : (
            <table>
              <Heads
                of={[
                  t('reviewer'),
                  { name: t('doneCount'), className: css.num },
                  { name: t('mean'), className: css.num },
                  { name: 'κ', className: css.num },
                  { name: t('drift'), className: css.num, title: t('driftHint') },
                ]}
              />
              <tbody>
                {data.reviewers.map((one) => (
                  <tr key={one.id}>
                    <td>{one.name}</td>
                    <td className={css.num}>{one.done}</td>
                    <td className={css.num}>{one.mean == null ? NOTHING : one.mean.toFixed(1)}</td>
                    <KappaCell kappa={one.agreement} />
                    <td className={css.num}>{one.drift == null ? NOTHING : signed(one.drift)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <h2>{t('items')}</h2>
          {data.items.length === 0 ? (
            <p className={css.none}>{t('noPairs')}</p>
          ) : (
            <table>
              <Heads of={[t('item'), { name: 'κ', className: css.num }]} />
              <tbody>
                {data.items.map((one) => (
                  <tr key={one.item}>
                    <td>{language === 'zh' ? one.zh : one.en}</td>
                    <KappaCell kappa={one.agreement} />
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </aside>
  );
}
