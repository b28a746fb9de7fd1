// Which language is on, and the hook that says words in it. Kept in this browser.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { recall, remember } from '../api/storage';
import { type Language, type Say, say, type Word, type Words } from './words';

const KEY = 'aftercall.language';

interface Languages {
  language: Language;
  speak: (language: Language) => void;
}

const Context = createContext<Languages>({ language: 'zh', speak: () => {} });

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => (recall(KEY) === 'en' ? 'en' : 'zh'));
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const value = useMemo<Languages>(
    () => ({
      language,
      speak: (wanted) => {
        remember(KEY, wanted);
        setLanguage(wanted);
      },
    }),
    [language],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const useLanguage = (): Languages => useContext(Context);

/** `const t = useWords(words)`, then `t('title')` or `t('row', { n: 3 })`. */
export function useWords<W extends Words>(words: W): Say<W> {
  const { language } = useLanguage();
  return useCallback(
    (key, ...rest) =>
      say(words[key] as Word, language, rest[0] as Record<string, string | number> | undefined),
    [words, language],
  ) as Say<W>;
}

/** Says a pair that comes as a value, as a table of names. */
export function useSay(): (word: Word) => string {
  const { language } = useLanguage();
  return useCallback((word: Word) => say(word, language), [language]);
}
