// A pressed key. Its meaning in words stands beside it, or is its name.
import './components.css';

type KeycapLook = 'patient' | 'low' | 'system' | 'agent';

export function Keycap({
  children,
  look = 'patient',
  meaning,
  small = false,
}: {
  children: string | number;
  look?: KeycapLook;
  /** What the key meant, where no word stands beside it. */
  meaning?: string;
  small?: boolean;
}) {
  return (
    <span
      className={`key key-${look}${small ? ' key-small' : ''}`}
      {...(meaning === undefined
        ? {}
        : { title: meaning, role: 'img', 'aria-label': `${children}，${meaning}` })}
    >
      {children}
    </span>
  );
}
