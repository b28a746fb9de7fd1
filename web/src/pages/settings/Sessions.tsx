// Where the person is signed in; each place can be ended.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { api, ask } from '../../api/client';
import { useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Sheet } from '../../components/Sheet';
import { useWords } from '../../i18n';
import { NOTHING, useTimes } from '../../time';
import { deviceOf } from './device';
import { words } from './words';

const KEY = ['sessions', 'own'];

const HEADS = ['device', 'address', 'begun', 'seen', 'until'] as const;

export default function Sessions() {
  const t = useWords(words);
  const times = useTimes();
  const { idle_ms } = useSession();
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.GET('/api/sessions', { signal })),
  });
  const end = useMutation({
    mutationFn: (id: number) => ask(api.DELETE('/api/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Card title={t('sessionsWhat')} read={sessions} rows={3}>
      {sessions.data && (
        <Sheet
          label={t('sessionsWhat')}
          heads={[...HEADS.map((head) => t(head)), { name: t('acts'), isUnseen: true }]}
        >
          {sessions.data.map((session) => {
            const device = deviceOf(session.agent ?? null) ?? t('unknownDevice');
            return (
              <tr key={session.id}>
                <td title={session.agent ?? undefined}>{device}</td>
                <td className="mono">{session.address ?? NOTHING}</td>
                <td>{times.minute(session.begun_at)}</td>
                <td>{times.ago(session.seen_at)}</td>
                <td>{times.minute(session.until_at)}</td>
                <td className="num">
                  {session.current ? (
                    <span className="tag tag-ok">
                      <Icon name="check" />
                      {t('thisOne')}
                    </span>
                  ) : (
                    <Button
                      size="small"
                      aria-label={t('endOf', { device })}
                      loading={end.isPending && end.variables === session.id}
                      onClick={() => end.mutate(session.id)}
                    >
                      {t('end')}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </Sheet>
      )}
      <div className="card-note">
        {t('sessionsNote', { n: Math.round(idle_ms / 60_000) })}
        {end.isError && <ErrorLine error={end.error} />}
      </div>
    </Card>
  );
}
