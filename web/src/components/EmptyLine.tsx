// Nothing there: one sentence why, one action, no picture.
import type { ReactNode } from 'react';
import './components.css';

export function EmptyLine({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}
