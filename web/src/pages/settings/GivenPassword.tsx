// A password for somebody else: typed, or drawn so that it can be read aloud; they change it at the first sign-in.
import { TextField } from '../../components/TextField';
import { useWords } from '../../i18n';
import { drawPassword } from './password-draw';
import { words } from './words';

export const SHORTEST = 10;

export function GivenPassword({
  label,
  value,
  change,
  autoFocus = false,
}: {
  label: string;
  value: string;
  change: (value: string) => void;
  autoFocus?: boolean;
}) {
  const t = useWords(words);
  return (
    <TextField
      label={label}
      hint={t('passwordHint')}
      autoFocus={autoFocus}
      autoComplete="off"
      maxLength={128}
      className="mono"
      value={value}
      change={change}
      suffix={
        <button type="button" className="plain small" onClick={() => change(drawPassword())}>
          {t('draw')}
        </button>
      }
    />
  );
}
