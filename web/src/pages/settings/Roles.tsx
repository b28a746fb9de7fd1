// Who may do what: role x action, as the daemon's one table has it.
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { type Scope, useSession } from '../../api/session';
import { Card } from '../../components/Card';
import { actionNames, roleNames } from '../../components/names';
import { Scroll } from '../../components/Scroll';
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
      read={roles}
      rows={16}
      rowHeight={28}
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
      {roles.data && (
        <Scroll label={t('matrixWhat')}>
          <table className="sheet grid-table matrix">
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
        </Scroll>
      )}
      <p className="card-note">{t('matrixNote')}</p>
    </Card>
  );
}
