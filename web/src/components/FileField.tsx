// A file to choose, in our words and look: the browser's own field speaks the browser's language.
import { useId, useState } from 'react';
import './components.css';
import { Icon } from './Icon';

export function FileField({
  label,
  accept,
  disabled = false,
  choose,
}: {
  label: string;
  /** The endings that are offered: `.csv,.xlsx`. */
  accept: string;
  disabled?: boolean;
  choose: (file: File) => void;
}) {
  const id = useId();
  const [name, setName] = useState('');
  return (
    <div className="file-field">
      <input
        id={id}
        type="file"
        className="unseen"
        accept={accept}
        disabled={disabled}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file === undefined) return;
          setName(file.name);
          choose(file);
        }}
      />
      <label htmlFor={id}>
        <Icon name="upload" /> {label}
      </label>
      <span className="ink-2">{name}</span>
    </div>
  );
}
