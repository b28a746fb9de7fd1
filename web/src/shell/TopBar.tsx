// The top bar: the page's title and actions, search, language, appearance, the person.
import { useQueryClient } from '@tanstack/react-query';
import { Dropdown, Modal } from 'antd';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { api, ask, carryCsrf } from '../api/client';
import { SESSION, useMay, useSession } from '../api/session';
import { Icon } from '../components/Icon';
import { roleNames } from '../components/names';
import { Segments } from '../components/Segments';
import { useLanguage, useSay, useWords } from '../i18n';
import { useRegisteredShortcuts, useShortcuts } from '../keys/shortcuts';
import { routes } from '../routes';
import { type ThemeChoice, useTheme } from '../theme/theme';
import { words } from './words';

export function TopBar({ slot }: { slot: (element: HTMLElement | null) => void }) {
  return (
    <header className="top">
      <div className="top-page" ref={slot} />
      <Find />
      <LanguageSwitch />
      <ThemeSwitch />
      <span className="top-rule" aria-hidden="true" />
      <Who />
    </header>
  );
}

function Find() {
  const t = useWords(words);
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const may = useMay('see_patients') !== null && routes.some((route) => route.path.startsWith('/patients'));
  useShortcuts(may ? [{ keys: '/', does: words.find, run: () => input.current?.focus() }] : []);
  if (!may) return null;
  return (
    <search>
      <form
        className="find"
        onSubmit={(event) => {
          event.preventDefault();
          const text = input.current?.value.trim() ?? '';
          // What is typed may be a name or a number: it goes by the history's state, not into the address.
          if (text !== '') navigate('/patients', { state: { find: text } });
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          aria-label={t('searchLabel')}
          placeholder={t('search')}
          autoComplete="off"
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}

export function LanguageSwitch() {
  const t = useWords(words);
  const { language, speak } = useLanguage();
  return (
    <Segments
      label={t('language')}
      segments={[
        { value: 'zh', shown: '中', name: '中文' },
        { value: 'en', shown: 'EN', name: 'English' },
      ]}
      value={language}
      change={speak}
    />
  );
}

const CHOICES: readonly ThemeChoice[] = ['day', 'night', 'system', 'shift'];

export function ThemeSwitch() {
  const t = useWords(words);
  const { theme, choice, choose } = useTheme();
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectable: true,
        selectedKeys: [choice],
        items: CHOICES.map((key) => ({ key, label: t(key), onClick: () => choose(key) })),
      }}
    >
      <button type="button" className="bare" aria-label={t('themeLabel', { now: t(choice) })}>
        <Icon name={theme === 'day' ? 'day' : 'tonight'} />
      </button>
    </Dropdown>
  );
}

function Who() {
  const t = useWords(words);
  const sayWord = useSay();
  const { person, version } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [lists, setLists] = useState(false);
  useShortcuts([{ keys: '?', does: words.showKeys, run: () => setLists(true) }]);
  const signOut = async () => {
    await ask(api.DELETE('/api/session')).catch(() => {});
    carryCsrf(null);
    queries.clear();
    queries.setQueryData(SESSION, null);
    navigate('/');
  };
  return (
    <>
      <Dropdown
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            {
              key: 'sessions',
              icon: <Icon name="device" />,
              label: t('mySessions'),
              onClick: () => navigate('/settings/sessions'),
            },
            {
              key: 'keys',
              icon: <Icon name="list" />,
              label: t('keysOfPage'),
              onClick: () => setLists(true),
            },
            { type: 'divider' },
            { key: 'out', icon: <Icon name="leave" />, label: t('signOut'), onClick: () => void signOut() },
            { key: 'version', disabled: true, label: t('version', { version }) },
          ],
        }}
      >
        <button type="button" className="who" aria-label={t('account', { name: person.name })}>
          <span className="who-mark" aria-hidden="true">
            {[...person.name][0]}
          </span>
          <span>{person.name}</span>
          <span className="ink-3 who-role">{sayWord(roleNames[person.role])}</span>
        </button>
      </Dropdown>
      <Keys open={lists} close={() => setLists(false)} />
    </>
  );
}

const GLYPHS: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

function Keys({ open, close }: { open: boolean; close: () => void }) {
  const t = useWords(words);
  const sayWord = useSay();
  const shortcuts = useRegisteredShortcuts();
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t('keysOfPage')}
      footer={null}
      width={420}
      closable={{ 'aria-label': t('close') }}
    >
      <dl style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '6px 16px' }}>
        {shortcuts.map((shortcut) => (
          <div key={shortcut.keys} style={{ display: 'contents' }}>
            <dt>
              {shortcut.keys.split(' ').map((chord) => (
                <span key={chord} style={{ marginRight: 4 }}>
                  {chord.split('+').map((key) => (
                    <kbd key={key} style={{ marginRight: 2 }}>
                      {GLYPHS[key] ?? key}
                    </kbd>
                  ))}
                </span>
              ))}
            </dt>
            <dd>{sayWord(shortcut.does)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
