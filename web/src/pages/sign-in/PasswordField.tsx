// A password with a word to show it.
import type { InputRef } from 'antd';
import { type Ref, useState } from 'react';
import { TextField } from '../../components/TextField';
import { useWords } from '../../i18n';
import { words } from './words';

export function PasswordField({
  label,
  value,
  change,
  isNew = false,
  hint,
  ref,
}: {
  label: string;
  value: string;
  change: (value: string) => void;
  isNew?: boolean;
  hint?: string;
  ref?: Ref<InputRef>;
}) {
  const t = useWords(words);
  const [shown, setShown] = useState(false);
  return (
    <TextField
      label={label}
      hint={hint}
      {...(ref ? { ref } : {})}
      size="large"
      type={shown ? 'text' : 'password'}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      maxLength={1000}
      value={value}
      change={change}
      suffix={
        <button type="button" className="plain small" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? t('hide') : t('show')}
        </button>
      }
    />
  );
}
