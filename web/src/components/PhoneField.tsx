// A telephone number to type, the first thing that its dialog asks for.
import { TextField } from './TextField';

export function PhoneField(field: { label: string; value: string; change: (value: string) => void }) {
  return <TextField {...field} autoFocus inputMode="tel" maxLength={40} />;
}
