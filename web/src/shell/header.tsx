// The page's part of the top bar: its title (the one h1), its context and at most two actions.
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { createPortal } from 'react-dom';
import { useWords } from '../i18n';
import { words } from './words';

export const HeaderSlot = createContext<HTMLElement | null>(null);

/** Every page renders one. `title` must hold no name and no number of a patient in full: it becomes the window's title. */
export function PageHeader({
  title,
  context,
  actions,
}: {
  title: string;
  context?: ReactNode;
  actions?: ReactNode;
}) {
  const slot = useContext(HeaderSlot);
  const t = useWords(words);
  const product = t('product');
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  if (slot === null) return null;
  return createPortal(
    <>
      <h1>{title}</h1>
      {context !== undefined && <div className="top-context">{context}</div>}
      {actions !== undefined && (
        <>
          <span className="top-rule" aria-hidden="true" />
          <div className="top-actions">{actions}</div>
        </>
      )}
    </>,
    slot,
  );
}
