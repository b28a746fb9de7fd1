// Which theme is on: picked by hand, by the system, or by the night shift (18:00-06:00). Kept in this browser.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { recall, remember } from '../api/storage';
import type { Theme } from './tokens';

export type ThemeChoice = Theme | 'system' | 'shift';

const KEY = 'aftercall.theme';
const CHOICES: readonly ThemeChoice[] = ['day', 'night', 'system', 'shift'];

interface Themes {
  theme: Theme;
  choice: ThemeChoice;
  choose: (choice: ThemeChoice) => void;
}

const Context = createContext<Themes>({ theme: 'day', choice: 'system', choose: () => {} });

const isNightShift = (hour: number): boolean => hour >= 18 || hour < 6;

export function themeOf(choice: ThemeChoice, systemIsDark: boolean, hour: number): Theme {
  switch (choice) {
    case 'day':
    case 'night':
      return choice;
    case 'system':
      return systemIsDark ? 'night' : 'day';
    case 'shift':
      return isNightShift(hour) ? 'night' : 'day';
  }
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(() => {
    const kept = recall(KEY);
    return CHOICES.find((one) => one === kept) ?? 'system';
  });
  const [dark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const [hour, setHour] = useState(() => new Date().getHours());
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    const clock = setInterval(() => setHour(new Date().getHours()), 60_000);
    return () => {
      query.removeEventListener('change', changed);
      clearInterval(clock);
    };
  }, []);
  const theme = themeOf(choice, dark, hour);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const value = useMemo<Themes>(
    () => ({
      theme,
      choice,
      choose: (wanted) => {
        remember(KEY, wanted);
        setChoice(wanted);
      },
    }),
    [theme, choice],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const useTheme = (): Themes => useContext(Context);
