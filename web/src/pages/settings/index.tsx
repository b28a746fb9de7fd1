// Settings: what is set, who changed it, does it work? The list on the left holds only what the person may see.
import { lazy, Suspense } from 'react';
import { Link, Navigate, Route, Routes, useLocation } from 'react-router';
import { type Action, useSession } from '../../api/session';
import { Icon, type IconName } from '../../components/Icon';
import { Skeleton } from '../../components/Skeleton';
import { useWords } from '../../i18n';
import { PageHeader } from '../../shell/header';
import { NoSuchPage, Refused } from '../../shell/Refused';
import './settings.css';
import { words } from './words';

const People = lazy(() => import('./People'));
const Roles = lazy(() => import('./Roles'));
const Trunks = lazy(() => import('./Trunks'));
const Calendars = lazy(() => import('./Calendars'));
const Pauses = lazy(() => import('./Pauses'));
const Audit = lazy(() => import('./Audit'));
const Sessions = lazy(() => import('./Sessions'));
const Password = lazy(() => import('./Password'));

type Section = {
  path: 'people' | 'roles' | 'audit' | 'trunks' | 'calendars' | 'pauses' | 'sessions' | 'password';
  icon: IconName;
  needs: Action | null;
  page: typeof People;
};

const sections: readonly Section[] = [
  { path: 'people', icon: 'person', needs: 'keep_people', page: People },
  { path: 'trunks', icon: 'phone', needs: 'see_settings', page: Trunks },
  { path: 'calendars', icon: 'calendar', needs: 'see_settings', page: Calendars },
  { path: 'pauses', icon: 'hold', needs: 'keep_pause_reasons', page: Pauses },
  { path: 'audit', icon: 'shield', needs: 'see_audit', page: Audit },
  { path: 'roles', icon: 'key', needs: null, page: Roles },
  { path: 'sessions', icon: 'device', needs: null, page: Sessions },
  { path: 'password', icon: 'lock', needs: null, page: Password },
];

export default function Settings() {
  const t = useWords(words);
  const { grants } = useSession();
  const { pathname } = useLocation();
  const may = (section: Section) => section.needs === null || grants[section.needs] !== undefined;
  const open = sections.filter(may);
  const here = sections.find((section) => pathname === `/settings/${section.path}`);
  return (
    <>
      {(here === undefined || may(here)) && <PageHeader title={here ? t(here.path) : t('settings')} />}
      <div className="settings">
        <nav className="card settings-list" aria-label={t('sections')}>
          {open.map((section) => (
            <Link
              key={section.path}
              to={`/settings/${section.path}`}
              aria-current={section === here ? 'page' : undefined}
            >
              <Icon name={section.icon} />
              {t(section.path)}
            </Link>
          ))}
        </nav>
        <div className="settings-page">
          <Suspense fallback={<Skeleton rows={10} />}>
            <Routes>
              {sections.map((section) => (
                <Route
                  key={section.path}
                  path={section.path}
                  element={
                    may(section) ? (
                      <section.page />
                    ) : (
                      <Refused name={[words[section.path][0], words[section.path][1]]} />
                    )
                  }
                />
              ))}
              <Route index element={<Navigate to={`/settings/${open[0]?.path ?? 'sessions'}`} replace />} />
              <Route path="*" element={<NoSuchPage />} />
            </Routes>
          </Suspense>
        </div>
      </div>
    </>
  );
}
