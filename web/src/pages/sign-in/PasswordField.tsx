// A password with a word to show it.
import { Input, type InputRef } from 'antd';
import { type Ref, useId, useState } from 'react';
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
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className="door-field">
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        {...(ref ? { ref } : {})}
        size="large"
        type={shown ? 'text' : 'password'}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        maxLength={1000}
        value={value}
        onChange={(event) => change(event.target.value)}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        suffix={
          <button type="button" className="plain small" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? t('hide') : t('show')}
          </button>
        }
      />
      {hint !== undefined && (
        <p className="door-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
