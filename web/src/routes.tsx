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
  {
    path: '/tonight',
    name: ['今夜', 'Tonight'],
    needs: ['see_tonight'],
    page: lazy(() => import('./pages/tonight')),
    rail: { icon: 'tonight', key: 'n', place: 'main' },
  },
  {
    path: '/campaigns/*',
    name: ['任务', 'Campaigns'],
    needs: ['see_campaigns'],
    page: lazy(() => import('./pages/campaigns')),
    rail: { icon: 'campaigns', key: 'c', place: 'main' },
  },
  {
    path: '/patients',
    name: ['患者', 'Patients'],
    needs: ['see_patients'],
    page: lazy(() => import('./pages/patients')),
    rail: { icon: 'person', key: 'p', place: 'main' },
  },
  {
    path: '/patients/:id',
    name: ['患者', 'Patient'],
    needs: ['see_patients'],
    page: lazy(() => import('./pages/patients/patient')),
  },
  {
    path: '/do-not-call',
    name: ['免打扰', 'Do-not-call'],
    needs: ['keep_do_not_call'],
    page: lazy(() => import('./pages/do-not-call')),
  },
  {
    path: '/appointments',
    name: ['约定', 'Appointments'],
    needs: ['see_patients'],
    page: lazy(() => import('./pages/patients/appointments')),
  },
  {
    path: '/call-backs',
    name: ['来电', 'Calls to us'],
    needs: ['see_patients'],
    page: lazy(() => import('./pages/call-backs')),
  },
  {
    path: '/number-repair',
    name: ['号码修复', 'Number repair'],
    needs: ['repair_numbers'],
    page: lazy(() => import('./pages/repair')),
  },
  {
    path: '/tickets',
    name: ['问题件', 'Tickets'],
    needs: ['keep_tickets'],
    page: lazy(() => import('./pages/tickets')),
  },
  {
    path: '/recordings',
    name: ['录音', 'Recordings'],
    needs: ['see_calls'],
    page: lazy(() => import('./pages/recordings')),
    rail: { icon: 'wave', key: 'r', place: 'main' },
  },
  {
    path: '/recordings/:attempt',
    name: ['录音回放', 'Replay'],
    needs: ['see_calls'],
    page: lazy(() => import('./pages/replay')),
  },
  {
    path: '/review',
    name: ['质检', 'Review'],
    needs: ['review'],
    page: lazy(() => import('./pages/review')),
    rail: { icon: 'shield', key: 'q', place: 'main' },
  },
  {
    path: '/review/scorecards',
    name: ['评分卡', 'Scorecards'],
    needs: ['design_scorecards'],
    page: lazy(() => import('./pages/scorecards')),
  },
  {
    path: '/desk',
    name: ['坐席', 'Desk'],
    needs: ['call'],
    page: lazy(() => import('./pages/desk')),
    rail: { icon: 'headset', key: 'a', place: 'main' },
  },
  {
    path: '/floor',
    name: ['席况', 'Agents'],
    needs: ['keep_floor'],
    page: lazy(() => import('./pages/floor')),
    rail: { icon: 'people', key: 'f', place: 'main' },
  },
  {
    path: '/reports',
    name: ['报表', 'Reports'],
    needs: ['see_reports'],
    page: lazy(() => import('./pages/reports')),
    rail: { icon: 'chart', key: 'b', place: 'main' },
  },
  {
    path: '/offline-list',
    name: ['断线清单', 'Offline list'],
    needs: ['export_reports'],
    page: lazy(() => import('./pages/offline')),
  },
  {
    path: '/import',
    name: ['导入', 'Import'],
    needs: ['import'],
    page: lazy(() => import('./pages/import')),
    rail: { icon: 'upload', key: 'i', place: 'foot' },
  },
  {
    path: '/settings/*',
    name: ['设置', 'Settings'],
    needs: [],
    page: lazy(() => import('./pages/settings')),
    rail: { icon: 'settings', key: 's', place: 'foot' },
  },
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
  agent: ['/desk', '/patients'],
  qa: ['/review', '/recordings'],
  department_head: ['/recordings', '/reports'],
  auditor: ['/settings/audit'],
};
