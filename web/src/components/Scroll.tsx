// What scrolls inside its card: it has a name, and the keyboard reaches it.
import type { ReactNode } from 'react';

export function Scroll({
  label,
  className = 'scroll',
  children,
}: {
  label: string;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
