// Signing in: am I at the right hospital's console, and is it up?
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, ask } from '../../api/client';
import { useConnection } from '../../api/connection';
import { useKnownSession } from '../../api/session';
import { Mark } from '../../components/Icon';
import { useWords } from '../../i18n';
import { LanguageSwitch, ThemeSwitch } from '../../shell/TopBar';
import '../../shell/shell.css';
import { FirstStart } from './FirstStart';
import { PasswordDue } from './PasswordDue';
import { SignInForm } from './SignInForm';
import './sign-in.css';
import { windowsOf } from '../../time/windows';
import { words } from './words';

export default function SignIn() {
  const t = useWords(words);
  const { session, error } = useKnownSession();
  const { isLost } = useConnection();
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => ask(api.GET('/api/health', { signal })),
    refetchInterval: 5_000,
  });
  const title = t('title');
  const product = t('product');
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  const isDown = isLost || health.isError || (error?.isPassing ?? false);
  const windows = health.data === undefined ? '' : windowsOf(health.data);
  const isKnown = isDown || health.data !== undefined;
  return (
    <div className="door">
      <header className="door-top">
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className="door-main">
        <div className="door-column">
          <div className="door-mark">
            <Mark size={40} />
            <div>
              <h1>{product}</h1>
              <p>{health.data?.hospital ?? session?.hospital ?? ''}</p>
            </div>
          </div>
          {session?.password_due ? (
            <PasswordDue />
          ) : health.data?.first_start ? (
            <FirstStart />
          ) : (
            <SignInForm />
          )}
          <p className="door-service" role="status">
            <span className={isDown ? 'door-dot off' : 'door-dot'} />
            {isDown ? t('down') : isKnown ? t('up') : t('asking')}
            {health.data && <span className="ink-3">· {t('version', { version: health.data.version })}</span>}
            {!isDown && windows !== '' && <span className="ink-3">· {t('openToday', { windows })}</span>}
          </p>
        </div>
      </main>
    </div>
  );
}
