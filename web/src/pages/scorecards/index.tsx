// /review/scorecards: what calls are judged by; drafts, published versions, a preview as in replay.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useNavigate, useSearchParams } from 'react-router';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import type { components } from '../../api/schema';
import { CardError } from '../../components/ErrorLine';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { useTimes } from '../../time';
import { Designer } from './Designer';
import { newItem, typed } from './draft';
import css from './scorecards.module.css';
import { words } from './words';

export type Card = components['schemas']['ScorecardShown'];

const KEY = ['scorecards'] as const;

/** The version that new reviews are judged by: the one that was published last. */
export function presentOf(cards: readonly Card[]): Card | undefined {
  return cards
    .filter((card) => card.published)
    .sort(
      (one, other) => (other.published_at ?? '').localeCompare(one.published_at ?? '') || other.id - one.id,
    )[0];
}

export default function ScorecardsPage() {
  const t = useWords(words);
  const { language } = useLanguage();
  const times = useTimes();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [address, setAddress] = useSearchParams();
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.GET('/api/scorecards', { signal })),
  });
  const cards = data?.items ?? [];
  const asked = Number(address.get('version'));
  const present = presentOf(cards);
  const card = cards.find((one) => one.id === asked) ?? present ?? cards[0];
  const show = (id: number): void => setAddress({ version: String(id) }, { replace: true });
  const change = useMutation({
    mutationFn: (work: () => Promise<Card | null>) => work(),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: KEY });
      if (made !== null) show(made.id);
    },
  });
  const of = (id: number) => ({ params: { path: { id } } });
  const families = [...new Set(cards.map((one) => one.family))];
  const refused = change.error === null ? null : ApiError.of(change.error);
  return (
    <>
      <PageHeader
        title={t('title')}
        actions={
          <>
            <Button onClick={() => navigate('/review')}>{t('back')}</Button>
            <Button
              onClick={() =>
                change.mutate(() =>
                  ask(
                    api.POST('/api/scorecards', {
                      body: typed({ zh: '新评分卡', en: 'New scorecard', items: [newItem([])] }),
                    }),
                  ),
                )
              }
            >
              {t('make')}
            </Button>
          </>
        }
      />
      <div className={`fill ${css.page}`}>
        {error !== null && cards.length === 0 ? (
          <section className={`card ${css.failed}`}>
            <CardError error={error} retry={refetch} />
          </section>
        ) : (
          <nav className={`card ${css.versions}`} aria-label={t('versions')}>
            {data === undefined && error === null && <Skeleton rows={4} />}
            {families.map((family) => {
              const versions = cards.filter((one) => one.family === family);
              const name = versions[0];
              return (
                <section key={family}>
                  <h2>{language === 'zh' ? name?.zh : name?.en}</h2>
                  {versions.map((one) => (
                    <button
                      key={one.id}
                      type="button"
                      aria-current={one.id === card?.id ? 'true' : undefined}
                      onClick={() => show(one.id)}
                    >
                      <span>{t('version', { n: one.version })}</span>
                      <small>
                        {one.published
                          ? one.id === present?.id
                            ? t('present')
                            : t('published')
                          : t('draft')}
                        {one.signed > 0 && ` · ${t('used', { n: one.signed })}`}
                      </small>
                      <small>
                        {t('by', {
                          who: one.published_by ?? one.created_by,
                          at: times.minute(one.published_at ?? one.created_at),
                        })}
                      </small>
                    </button>
                  ))}
                </section>
              );
            })}
            {data !== undefined && cards.length === 0 && <p>{t('empty')}</p>}
          </nav>
        )}
        {card !== undefined && (
          <Designer
            key={`${card.id} ${card.published}`}
            card={card}
            busy={change.isPending}
            failure={refused}
            onSave={(draft) =>
              change.mutateAsync(() =>
                ask(api.PUT('/api/scorecards/{id}', { ...of(card.id), body: typed(draft) })),
              )
            }
            onPublish={() => change.mutate(() => ask(api.POST('/api/scorecards/{id}/publish', of(card.id))))}
            onNext={() => change.mutate(() => ask(api.POST('/api/scorecards/{id}/version', of(card.id))))}
            onDiscard={() =>
              change.mutate(async () => {
                await ask(api.DELETE('/api/scorecards/{id}', of(card.id)));
                setAddress({}, { replace: true });
                return null;
              })
            }
          />
        )}
      </div>
    </>
  );
}
