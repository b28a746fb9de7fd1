// Why the door stays shut, said above the button.
import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon';

export function Fault({ children }: { children: ReactNode }) {
  return (
    <div role="alert">
      {children !== null && (
        <div className="door-fault">
          <Icon name="warning" />
          <div>{children}</div>
        </div>
      )}
    </div>
  );
}
