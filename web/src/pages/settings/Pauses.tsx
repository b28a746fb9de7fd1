// Why agents may pause: added, renamed, ordered, retired; never deleted, because what agents did names them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { ApiError } from '../../api/error';
import type { components } from '../../api/schema';
import { ActDialog } from '../../components/ActDialog';
import { Card } from '../../components/Card';
import { ErrorLine } from '../../components/ErrorLine';
import { Icon } from '../../components/Icon';
import { Sheet } from '../../components/Sheet';
import { TextField } from '../../components/TextField';
import { useLanguage, useWords } from '../../i18n';
import { useTimes } from '../../time';
import { moved } from './moved';
import { words } from './words';

type Reason = components['schemas']['PauseReason'];
type Reasons = components['schemas']['PauseReasons'];

const KEY = ['pause-reasons'];
const LETTERS = 24;

const HEADS = ['chinese', 'english', 'state', 'order'] as const;

export default function Pauses() {
  const t = useWords(words);
  const queries = useQueryClient();
  const [named, setNamed] = useState<Reason | 'new' | null>(null);
  const reasons = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.GET('/api/pause-reasons', { signal })),
  });
  const change = useMutation({
    mutationFn: (order: () => Promise<Reasons>) => order(),
    onSuccess: (now) => queries.setQueryData(KEY, now),
    // Somebody else may have changed them: what is there now says so.
    onError: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const all = reasons.data?.items ?? [];
  const offered = all.filter((one) => one.retired_at == null);
  const order = (ids: string[]) => change.mutate(() => ask(api.PUT('/api/pause-reasons', { body: { ids } })));
  const retire = ({ id }: Reason) =>
    change.mutate(() => ask(api.POST('/api/pause-reasons/{id}/retire', { params: { path: { id } } })));
  const restore = ({ id }: Reason) =>
    change.mutate(() => ask(api.POST('/api/pause-reasons/{id}/restore', { params: { path: { id } } })));
  return (
    <Card
      title={t('pausesWhat')}
      read={reasons}
      rows={6}
      extra={
        <Button
          type="primary"
          size="small"
          icon={<Icon name="plus" size={14} />}
          onClick={() => setNamed('new')}
        >
          {t('newPause')}
        </Button>
      }
    >
      {reasons.data && (
        <Sheet
          label={t('pauses')}
          heads={[...HEADS.map((head) => t(head)), { name: t('acts'), className: 'num', isUnseen: true }]}
        >
          {all.map((reason) => (
            <Row
              key={reason.id}
              reason={reason}
              offered={offered}
              isBusy={change.isPending}
              order={order}
              rename={setNamed}
              retire={retire}
              restore={restore}
            />
          ))}
        </Sheet>
      )}
      <p className="card-note">{t('pausesNote')}</p>
      {change.isError && <ErrorLine error={change.error} />}
      {named !== null && <NameDialog reason={named === 'new' ? null : named} close={() => setNamed(null)} />}
    </Card>
  );
}

function Row({
  reason,
  offered,
  isBusy,
  order,
  rename,
  retire,
  restore,
}: {
  reason: Reason;
  offered: readonly Reason[];
  isBusy: boolean;
  order: (ids: string[]) => void;
  rename: (reason: Reason) => void;
  retire: (reason: Reason) => void;
  restore: (reason: Reason) => void;
}) {
  const t = useWords(words);
  const { language } = useLanguage();
  const times = useTimes();
  const name = reason[language];
  const at = offered.indexOf(reason);
  const move = (by: 1 | -1) =>
    order(
      moved(
        offered.map((one) => one.id),
        at,
        by,
      ),
    );
  const isOffered = at >= 0;
  return (
    <tr className={isOffered ? undefined : 'is-ended'}>
      <td>
        <b>{reason.zh}</b>
      </td>
      <td>{reason.en}</td>
      <td>
        {isOffered ? (
          <span className="tag tag-ok">
            <Icon name="check" />
            {t('offered')}
          </span>
        ) : (
          <span className="tag tag-plain">{t('retiredAt', { at: times.minute(reason.retired_at) })}</span>
        )}
      </td>
      <td>
        {isOffered && (
          <>
            <Button
              size="small"
              type="text"
              disabled={isBusy || at === 0}
              aria-label={t('earlierOf', { name })}
              onClick={() => move(-1)}
            >
              ↑
            </Button>
            <Button
              size="small"
              type="text"
              disabled={isBusy || at === offered.length - 1}
              aria-label={t('laterOf', { name })}
              onClick={() => move(1)}
            >
              ↓
            </Button>
          </>
        )}
      </td>
      <td className="num">
        {isOffered ? (
          <>
            <Button size="small" aria-label={t('renameOf', { name })} onClick={() => rename(reason)}>
              {t('rename')}
            </Button>{' '}
            {offered.length > 1 && (
              <Button
                size="small"
                disabled={isBusy}
                aria-label={t('retireOf', { name })}
                onClick={() => retire(reason)}
              >
                {t('retire')}
              </Button>
            )}
          </>
        ) : (
          <Button
            size="small"
            disabled={isBusy}
            aria-label={t('restoreOf', { name })}
            onClick={() => restore(reason)}
          >
            {t('restore')}
          </Button>
        )}
      </td>
    </tr>
  );
}

function NameDialog({ reason, close }: { reason: Reason | null; close: () => void }) {
  const t = useWords(words);
  const { language } = useLanguage();
  const queries = useQueryClient();
  const [zh, setZh] = useState(reason?.zh ?? '');
  const [en, setEn] = useState(reason?.en ?? '');
  const body = { zh: zh.trim(), en: en.trim() };
  const run = async () => {
    const now =
      reason === null
        ? await ask(api.POST('/api/pause-reasons', { body }))
        : await ask(api.PUT('/api/pause-reasons/{id}', { params: { path: { id: reason.id } }, body }));
    queries.setQueryData(KEY, now);
  };
  return (
    <ActDialog
      title={reason === null ? t('newPause') : t('renamePause', { name: reason[language] })}
      act={t('save')}
      isBlocked={body.zh === '' || body.en === ''}
      hasOwnFocus
      run={run}
      close={close}
      explain={(error) =>
        ApiError.of(error).status === 409 ? <p className="fault-text">{t('nameTaken')}</p> : undefined
      }
    >
      <TextField label={t('chinese')} autoFocus maxLength={LETTERS} value={zh} change={setZh} />
      <TextField label={t('english')} maxLength={LETTERS} value={en} change={setEn} />
    </ActDialog>
  );
}
