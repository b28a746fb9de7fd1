// The whole: themes, words, who is signed in, and then either the door or the shell.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense } from 'react';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/error';
import { SessionProvider, useKnownSession } from './api/session';
import { LanguageProvider, useLanguage } from './i18n';
import { antTheme } from './theme/antd';
import { ThemeProvider, useTheme } from './theme/theme';

const Shell = lazy(() => import('./shell/Shell').then((module) => ({ default: module.Shell })));
const SignIn = lazy(() => import('./pages/sign-in'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && ApiError.of(error).isPassing,
    },
    mutations: { retry: false },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <ThemeProvider>
          <Dressed />
        </ThemeProvider>
      </LanguageProvider>
    </QueryClientProvider>
  );
}

function Dressed() {
  const { theme } = useTheme();
  const { language } = useLanguage();
  return (
    <ConfigProvider
      theme={antTheme(theme)}
      locale={language === 'zh' ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      <BrowserRouter>
        <SessionProvider>
          <Suspense fallback={null}>
            <Door />
          </Suspense>
        </SessionProvider>
      </BrowserRouter>
    </ConfigProvider>
  );
}

function Door() {
  const { session, error } = useKnownSession();
  if (session && !session.password_due) return <Shell />;
  if (session === undefined && error === null) return null;
  return <SignIn />;
}
