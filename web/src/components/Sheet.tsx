// A short table in a card: it scrolls there, under its heads.
import type { ComponentProps, ReactNode } from 'react';
import './components.css';
import { Heads } from './Heads';
import { Scroll } from './Scroll';

export function Sheet({
  label,
  heads,
  below,
  children,
}: {
  label: string;
  heads: ComponentProps<typeof Heads>['of'];
  /** What stands under the last row. */
  below?: ReactNode;
  /** Its rows. */
  children: ReactNode;
}) {
  return (
    <Scroll label={label}>
      <table className="sheet grid-table">
        <Heads of={heads} />
        <tbody>{children}</tbody>
      </table>
      {below}
    </Scroll>
  );
}
