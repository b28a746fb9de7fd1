// What needs a person now: what it is, since when, one sentence, and the acts in place.
import type { ReactNode } from 'react';
import './components.css';
import { Icon, type IconName } from './Icon';

export interface AttentionItem {
  id: string | number;
  /** bad: it hurts a patient or needs a person now; warn: it will. */
  level: 'bad' | 'warn';
  icon: IconName;
  title: ReactNode;
  time: ReactNode;
  detail: ReactNode;
  /** At most two buttons. */
  acts?: ReactNode;
}

/** In the order of harm, as it is given. */
export function Attention({ items }: { items: readonly AttentionItem[] }) {
  return (
    <ul className="attention">
      {items.map((item) => (
        <li key={item.id} className={`attention-${item.level}`}>
          <div className="attention-head">
            <Icon name={item.icon} />
            <b>{item.title}</b>
            <span className="attention-time">{item.time}</span>
          </div>
          <p>{item.detail}</p>
          {item.acts !== undefined && <div className="attention-acts">{item.acts}</div>}
        </li>
      ))}
    </ul>
  );
}
