// Users: who can sign in and as what. Leavers are disabled at once (their sessions end in the same request).
import { Button, Dropdown, Switch } from 'antd';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { usePages } from '../../api/pages';
import type { components } from '../../api/schema';
import { useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { EmptyLine } from '../../components/EmptyLine';
import { Icon } from '../../components/Icon';
import { roleNames } from '../../components/names';
import { Sheet } from '../../components/Sheet';
import { useSay, useWords } from '../../i18n';
import { NOTHING, useTimes } from '../../time';
import { AccountDialog } from './AccountDialog';
import { DeedDialog, type DeedOn } from './DeedDialog';
import { words } from './words';

export type Account = components['schemas']['Account'];

export const PEOPLE = ['people'];

type Opened = { kind: 'none' } | { kind: 'new' } | { kind: 'edit'; account: Account } | DeedOn;

const HEADS = ['name', 'account', 'role', 'department', 'state', 'lastSeen'] as const;

export default function People() {
  const t = useWords(words);
  const [opened, setOpened] = useState<Opened>({ kind: 'none' });
  const [withLocked, setWithLocked] = useState(false);
  const { found: people, rows: all } = usePages(PEOPLE, (cursor, signal) =>
    ask(api.GET('/api/people', { params: { query: { rows: 200, ...cursor } }, signal })),
  );
  const shown = all.filter((account) => withLocked || account.state !== 'locked');
  const departments = [...new Set(all.flatMap((account) => account.department ?? []))].sort();
  const close = () => setOpened({ kind: 'none' });
  return (
    <Card
      title={t('peopleWhat')}
      read={people}
      rows={8}
      extra={
        <>
          <Switch size="small" checked={withLocked} onChange={setWithLocked} aria-label={t('showLocked')} />
          <span aria-hidden="true">{t('showLocked')}</span>
          <Button
            type="primary"
            size="small"
            icon={<Icon name="plus" size={14} />}
            onClick={() => setOpened({ kind: 'new' })}
          >
            {t('newPerson')}
          </Button>
        </>
      }
    >
      {people.data && shown.length === 0 && <EmptyLine>{t('noPeople')}</EmptyLine>}
      {shown.length > 0 && (
        <Sheet
          label={t('people')}
          heads={[...HEADS.map((head) => t(head)), { name: t('acts'), className: 'num', isUnseen: true }]}
          below={
            people.hasNextPage && (
              <div className="empty">
                <Button loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
                  {t('more')}
                </Button>
              </div>
            )
          }
        >
          {shown.map((account) => (
            <Row key={account.id} account={account} open={setOpened} />
          ))}
        </Sheet>
      )}
      {opened.kind === 'new' && <AccountDialog departments={departments} close={close} />}
      {opened.kind === 'edit' && (
        <AccountDialog account={opened.account} departments={departments} close={close} />
      )}
      {(opened.kind === 'lock' || opened.kind === 'unlock' || opened.kind === 'reset') && (
        <DeedDialog on={opened} close={close} />
      )}
    </Card>
  );
}

function Row({ account, open }: { account: Account; open: (opened: Opened) => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const times = useTimes();
  const { person } = useSession();
  const isSelf = account.id === person.id;
  return (
    <tr className={account.state === 'locked' ? 'is-ended' : undefined}>
      <td>
        <b>{account.name}</b> {isSelf && <span className="tag tag-plain">{t('onlyYou')}</span>}
      </td>
      <td className="mono">{account.account}</td>
      <td>{sayWord(roleNames[account.role])}</td>
      <td>{account.department ?? NOTHING}</td>
      <td>
        <State account={account} />
      </td>
      <td>
        {account.last_seen_at ? (
          times.minute(account.last_seen_at)
        ) : (
          <span className="ink-3">{t('never')}</span>
        )}
      </td>
      <td className="num">
        <Dropdown
          trigger={['click']}
          placement="bottomRight"
          menu={{
            items: [
              {
                key: 'edit',
                icon: <Icon name="pencil" />,
                label: t('edit'),
                onClick: () => open({ kind: 'edit', account }),
              },
              ...(isSelf
                ? []
                : [
                    {
                      key: 'reset',
                      icon: <Icon name="key" />,
                      label: t('reset'),
                      onClick: () => open({ kind: 'reset', account }),
                    },
                  ]),
              ...(account.state === 'open'
                ? []
                : [
                    {
                      key: 'unlock',
                      icon: <Icon name="check" />,
                      label: t('unlock'),
                      onClick: () => open({ kind: 'unlock', account }),
                    },
                  ]),
              ...(isSelf || account.state === 'locked'
                ? []
                : [
                    { type: 'divider' as const },
                    {
                      key: 'lock',
                      danger: true,
                      icon: <Icon name="lock" />,
                      label: t('lockNow'),
                      onClick: () => open({ kind: 'lock', account }),
                    },
                  ]),
            ],
          }}
        >
          <button
            type="button"
            className="bare"
            style={{ marginLeft: 'auto' }}
            aria-label={t('actsFor', { name: account.name })}
          >
            <Icon name="dots" />
          </button>
        </Dropdown>
      </td>
    </tr>
  );
}

function State({ account }: { account: Account }) {
  const t = useWords(words);
  const times = useTimes();
  switch (account.state) {
    case 'locked':
      return (
        <span
          className="tag tag-plain"
          title={t('lockedBy', { by: account.ended_by ?? NOTHING, at: times.minute(account.ended_at) })}
        >
          <Icon name="lock" />
          {t('locked')}
        </span>
      );
    case 'locked_out':
      return (
        <span className="tag tag-warn">
          <Icon name="clock" />
          {t('lockedOut', { until: times.hour(account.locked_until_at) })}
        </span>
      );
    case 'open':
      return (
        <>
          <span className="tag tag-ok">
            <Icon name="check" />
            {t('open')}
          </span>{' '}
          <span className="ink-3 small">
            {[
              ...(account.sessions > 0 ? [t('sessionsOpen', { n: account.sessions })] : []),
              ...(account.password_due ? [t('passwordDue')] : []),
            ].join(' · ')}
          </span>
        </>
      );
  }
}
