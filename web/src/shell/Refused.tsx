// A link to a page that the person may not open, or that does not exist: a sentence, and who can change it.
import { Button } from 'antd';
import { useLocation, useNavigate } from 'react-router';
import { useSession } from '../api/session';
import { roleNames } from '../components/names';
import { useSay, useWords } from '../i18n';
import type { PageRoute } from '../routes';
import { homeOf } from './grants';
import { PageHeader } from './header';
import { words } from './words';

export function Refused({ route }: { route: PageRoute }) {
  const t = useWords(words);
  const sayWord = useSay();
  const { person } = useSession();
  const page = sayWord(route.name);
  return (
    <section className="sentence">
      <PageHeader title={page} />
      <h2>{t('noGrant', { role: sayWord(roleNames[person.role]), page })}</h2>
      <p>{t('whoGrants')}</p>
      <ToHome />
    </section>
  );
}

export function NoSuchPage() {
  const t = useWords(words);
  const { pathname } = useLocation();
  return (
    <section className="sentence">
      <PageHeader title={t('noPage')} />
      <h2>{t('noPage')}</h2>
      <p>{t('noPageWhy', { path: pathname })}</p>
      <ToHome />
    </section>
  );
}

export function NoHome() {
  const t = useWords(words);
  const sayWord = useSay();
  const { person } = useSession();
  return (
    <section className="sentence">
      <PageHeader title={t('product')} />
      <h2>{t('noHome', { role: sayWord(roleNames[person.role]) })}</h2>
      <p>{t('whoGrants')}</p>
    </section>
  );
}

function ToHome() {
  const t = useWords(words);
  const navigate = useNavigate();
  const home = homeOf(useSession());
  if (home === null) return null;
  return <Button onClick={() => navigate(home)}>{t('home')}</Button>;
}
