// Who may do what: role x action, as the daemon's one table has it.
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { type Scope, useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { CardError } from '../../components/ErrorLine';
import { actionNames, roleNames } from '../../components/names';
import { Skeleton } from '../../components/Skeleton';
import { useSay, useWords } from '../../i18n';
import { words } from './words';

const glyphs: Record<Scope, string> = { all: '●', department: '◐', own: '○' };

export default function Roles() {
  const t = useWords(words);
  const sayWord = useSay();
  const { person } = useSession();
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => ask(api.GET('/api/roles', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const scope: Record<Scope, string> = { all: t('all'), department: t('departmentScope'), own: t('own') };
  return (
    <Card
      title={t('matrixWhat')}
      refreshing={roles.isFetching}
      extra={
        <span className="matrix-key">
          {(['all', 'department', 'own'] as const).map((one) => (
            <span key={one}>
              <b aria-hidden="true">{glyphs[one]}</b>
              {scope[one]}
            </span>
          ))}
        </span>
      }
    >
      {roles.isPending && <Skeleton rows={16} height={28} />}
      {roles.isError && <CardError error={roles.error} retry={roles.refetch} />}
      {roles.data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="settings-scroll" tabIndex={0} aria-label={t('matrixWhat')}>
          <table className="grid-table matrix">
            <thead>
              <tr>
                <th scope="col">{t('action')}</th>
                {roles.data.roles.map(({ role }) => (
                  <th key={role} scope="col" className={role === person.role ? 'is-mine' : undefined}>
                    {sayWord(roleNames[role])}
                    {role === person.role && ` · ${t('yourRole')}`}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {roles.data.actions.map((action) => (
                <tr key={action}>
                  <th scope="row">{sayWord(actionNames[action])}</th>
                  {roles.data.roles.map(({ role, grants }) => {
                    const granted = grants[action];
                    return (
                      <td key={role} className={role === person.role ? 'is-mine' : undefined}>
                        {granted === undefined ? (
                          <span className="unseen">{t('none')}</span>
                        ) : (
                          <span role="img" aria-label={scope[granted]} title={scope[granted]}>
                            {glyphs[granted]}
                          </span>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p className="card-note">{t('matrixNote')}</p>
    </Card>
  );
}
