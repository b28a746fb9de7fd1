// There is no campaign yet: the page's own sentence, and the way to where campaigns are made.
import { Link } from 'react-router';
import { defineWords, useWords } from '../i18n';
import { EmptyLine } from './EmptyLine';

const words = defineWords({ go: ['去任务页', 'Go to campaigns'] });

export function NoCampaign({ children }: { children: string }) {
  const t = useWords(words);
  return <EmptyLine action={<Link to="/campaigns">{t('go')}</Link>}>{children}</EmptyLine>;
}
