// A table of tonight: it scrolls in its card.
import type { ComponentProps, ReactNode } from 'react';
import { Heads } from '../../components/Heads';

export function NightTable({
  heads,
  children,
}: {
  heads: ComponentProps<typeof Heads>['of'];
  children: ReactNode;
}) {
  return (
    <div className="t-scroll">
      <table className="sheet t-table">
        <Heads of={heads} />
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
