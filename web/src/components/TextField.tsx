// A line to type, or several, under their label.
import { Input } from 'antd';
import { type ComponentProps, useId } from 'react';
import './components.css';

type TextFieldProps = Omit<ComponentProps<typeof Input>, 'id' | 'value' | 'onChange'> & {
  label: string;
  /** What the field takes, or what becomes of it. */
  hint?: string | undefined;
  value: string;
  change: (value: string) => void;
  /** More than one: a text, in which Enter begins a line. */
  rows?: number;
};

export function TextField({ label, hint, value, change, rows = 1, ...line }: TextFieldProps) {
  const id = useId();
  const { autoFocus, maxLength, placeholder } = line;
  const field = {
    id,
    value,
    onChange: (event: { target: { value: string } }) => change(event.target.value),
    ...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` }),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows > 1 ? (
        <Input.TextArea {...{ autoFocus, maxLength, placeholder }} {...field} rows={rows} />
      ) : (
        <Input {...line} {...field} />
      )}
      {hint !== undefined && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
