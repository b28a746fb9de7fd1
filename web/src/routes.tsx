// The one list of pages. A page is one entry here, a folder in src/pages and its words; see README.md.
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Action, Role } from './api/session';
import type { IconName } from './components/Icon';
import type { Word } from './i18n';

export interface Rail {
  icon: IconName;
  /** The letter after `g` that goes there. */
  key: string;
  place: 'main' | 'foot';
}

export interface PageRoute {
  /** As react-router writes it: `/recordings/:attempt`. */
  path: string;
  /** What the page is called where it is named before it is there: in the rail, on a refused link. */
  name: Word;
  /** The grant without which the page does not exist; one of several is enough; none: everybody who is signed in. */
  needs: readonly Action[];
  page: LazyExoticComponent<ComponentType>;
  /** Only pages of the first level are in the rail. */
  rail?: Rail;
}

export const routes: readonly PageRoute[] = [
  ...(import.meta.env.DEV
    ? [
        {
          path: '/states',
          name: ['组件状态', 'Component states'] as const,
          needs: [],
          page: lazy(() => import('./pages/states')),
        },
      ]
    : []),
];

/** Where a role begins, in the order of wish: the first that exists and is granted. */
export const homes: Record<Role, readonly string[]> = {
  administrator: ['/settings/people'],
  supervisor: ['/tonight', '/campaigns'],
  agent: ['/patients'],
  qa: ['/review', '/recordings'],
  department_head: ['/reports', '/recordings'],
  auditor: ['/settings/audit'],
};
