// What of the console exists for a person.
import type { Session } from '../api/session';
import { homes, type PageRoute, routes } from '../routes';

export const mayOpen = (session: Session, route: PageRoute): boolean =>
  route.needs.length === 0 || route.needs.some((action) => session.grants[action] !== undefined);

/** The first part of a path, by which the rail knows where one is. */
export const section = (path: string): string => `/${path.split('/')[1] ?? ''}`;

/** Where the rail leads in a section: its first page, or the first one of it that this person may open; null: nowhere. */
export function entryOf(session: Session, route: PageRoute): string | null {
  const pages = routes.filter(
    (one) => section(one.path) === section(route.path) && !one.path.includes(':') && mayOpen(session, one),
  );
  const first = mayOpen(session, route) ? route : pages[0];
  return first === undefined ? null : linkOf(first);
}

export const linkOf = (route: PageRoute): string => route.path.replace(/\/\*$/, '');

/** Where this person begins; null: nothing can be opened. */
export function homeOf(session: Session): string | null {
  const open = routes.filter((route) => mayOpen(session, route) && !route.path.includes(':'));
  const wished = homes[session.person.role].find((path) =>
    open.some((route) => section(route.path) === section(path)),
  );
  if (wished !== undefined) return wished;
  const first = open.find((route) => route.rail !== undefined);
  return first ? linkOf(first) : null;
}
