// Signing in: am I at the right hospital's console, and is it up?
import { useEffect } from 'react';
import { useConnection } from '../../api/connection';
import { useKnownSession } from '../../api/session';
import { Mark } from '../../components/Icon';
import { useWords } from '../../i18n';
import { LanguageSwitch, ThemeSwitch } from '../../shell/TopBar';
import '../../shell/shell.css';
import { PasswordDue } from './PasswordDue';
import { SignInForm } from './SignInForm';
import './sign-in.css';
import { words } from './words';

export default function SignIn() {
  const t = useWords(words);
  const { session, error } = useKnownSession();
  const { isLost } = useConnection();
  const title = t('title');
  const product = t('product');
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  const isDown = isLost || (error?.isPassing ?? false);
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
              {session && <p>{session.hospital}</p>}
            </div>
          </div>
          {session?.password_due ? <PasswordDue /> : <SignInForm />}
          <p className="door-service" role="status">
            <span className={isDown ? 'door-dot off' : 'door-dot'} />
            {isDown ? t('down') : t('up')}
          </p>
        </div>
      </main>
    </div>
  );
}
