// The frame of every page: rail, top bar, the bar of a lost connection, the page.
import { Suspense, useState } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router';
import { useSession } from '../api/session';
import { StaleBar } from '../components/StaleBar';
import { useWords } from '../i18n';
import { routes } from '../routes';
import { Boundary } from './Boundary';
import { homeOf, mayOpen } from './grants';
import { HeaderSlot } from './header';
import { Rail } from './Rail';
import { NoHome, NoSuchPage, Refused } from './Refused';
import './shell.css';
import { TopBar } from './TopBar';
import { words } from './words';

export function Shell() {
  const t = useWords(words);
  const session = useSession();
  const { pathname } = useLocation();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const home = homeOf(session);
  return (
    <HeaderSlot.Provider value={slot}>
      <div className="shell">
        <a className="skip" href="#content">
          {t('skip')}
        </a>
        <Rail />
        <TopBar slot={setSlot} />
        <StaleBar />
        <main className="main" id="content" tabIndex={-1}>
          <Boundary where={pathname}>
            <Suspense fallback={<p className="unseen">{t('loading')}</p>}>
              <Routes>
                {routes.map((route) => (
                  <Route
                    key={route.path}
                    path={route.path}
                    element={mayOpen(session, route) ? <route.page /> : <Refused route={route} />}
                  />
                ))}
                <Route path="/" element={home === null ? <NoHome /> : <Navigate to={home} replace />} />
                <Route path="*" element={<NoSuchPage />} />
              </Routes>
            </Suspense>
          </Boundary>
        </main>
      </div>
    </HeaderSlot.Provider>
  );
}
