// The rail: only what the person may open.
import { Link, useLocation, useNavigate } from 'react-router';
import { useSession } from '../api/session';
import { Icon, Mark } from '../components/Icon';
import { useSay, useWords } from '../i18n';
import { useShortcuts } from '../keys/shortcuts';
import { type PageRoute, routes } from '../routes';
import { useBadges } from './badges';
import { entryOf, homeOf, linkOf, section } from './grants';
import { words } from './words';

export function Rail() {
  const session = useSession();
  const t = useWords(words);
  const navigate = useNavigate();
  const listed = routes.filter((route) => route.rail !== undefined && entryOf(session, route) !== null);
  useShortcuts(
    listed.map((route) => ({
      keys: `g ${route.rail?.key ?? ''}`,
      does: [`到${route.name[0]}`, `Go to ${route.name[1]}`] as const,
      run: () => navigate(entryOf(session, route) ?? linkOf(route)),
    })),
  );
  return (
    <nav className="rail" aria-label={t('rail')}>
      <Link className="rail-home" to={homeOf(session) ?? '/'} aria-label={t('product')}>
        <Mark />
      </Link>
      {listed
        .filter((route) => route.rail?.place === 'main')
        .map((route) => (
          <RailLink key={route.path} route={route} />
        ))}
      <div className="rail-space" />
      {listed
        .filter((route) => route.rail?.place === 'foot')
        .map((route) => (
          <RailLink key={route.path} route={route} />
        ))}
    </nav>
  );
}

function RailLink({ route }: { route: PageRoute }) {
  const sayWord = useSay();
  const { pathname } = useLocation();
  const link = entryOf(useSession(), route) ?? linkOf(route);
  const count = useBadges()[link] ?? 0;
  const here = section(pathname) === section(route.path);
  return (
    <Link
      className="rail-link"
      to={link}
      aria-current={here ? 'page' : undefined}
      aria-label={sayWord(route.name)}
    >
      {route.rail && <Icon name={route.rail.icon} size={18} />}
      {sayWord(route.name)}
      {count > 0 && <b className="rail-count">{count > 99 ? '99+' : count}</b>}
    </Link>
  );
}
