// 为什么: the chain of plain sentences, the newest first; each opens its facts, and the raw evidence one step below.
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { CardError } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Skeleton } from '../../components/Skeleton';
import { useLanguage, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { words } from './words';

type Link = components['schemas']['WhyLink'];

export function WhyPanel({ patient, close }: { patient: number; close: () => void }) {
  const t = useWords(words);
  const chain = useQuery({
    queryKey: ['why', patient],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/patients/{id}/why', { params: { path: { id: patient } }, signal })),
  });
  const extra = (
    <button type="button" className="plain" onClick={close} aria-label={`${t('why')} ×`}>
      <Icon name="cross" />
    </button>
  );
  return (
    <Card title={t('why')} extra={extra} refreshing={chain.isFetching} className="p-scroll p-why">
      {chain.data !== undefined ? (
        chain.data.links.length === 0 ? (
          <EmptyLine>{t('whyEmpty')}</EmptyLine>
        ) : (
          <ol>
            {chain.data.links.map((link, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the chain is read as a whole
              <li key={at}>
                <Sentence link={link} />
              </li>
            ))}
          </ol>
        )
      ) : chain.error !== null ? (
        <CardError error={chain.error} retry={chain.refetch} />
      ) : (
        <Skeleton rows={6} />
      )}
    </Card>
  );
}

function Sentence({ link }: { link: Link }) {
  const t = useWords(words);
  const times = useTimes();
  const { language } = useLanguage();
  const when = link.kind === 'present' ? t('now') : times.minute(link.at);
  return (
    <details>
      <summary>
        <span className="p-when">{when}</span>
        <span>{link.sentence[language]}</span>
      </summary>
      <dl className="p-facts">
        {link.facts.map((fact) => (
          <div key={fact.label.en}>
            <dt>{fact.label[language]}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
      <details className="p-raw">
        <summary>{t('raw')}</summary>
        <pre className="mono">{JSON.stringify(link.raw, null, 1)}</pre>
      </details>
    </details>
  );
}
