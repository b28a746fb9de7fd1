// A button that is its icon alone: its name is said on hover and to screen readers.
import { Icon, type IconName } from './Icon';

export function IconButton({
  icon,
  label,
  className,
  isOff = false,
  press,
}: {
  icon: IconName;
  label: string;
  className?: string | undefined;
  isOff?: boolean;
  press: () => void;
}) {
  return (
    <button
      type="button"
      className={className}
      disabled={isOff}
      aria-label={label}
      title={label}
      onClick={press}
    >
      <Icon name={icon} />
    </button>
  );
}
