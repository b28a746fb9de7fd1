// One of several, picked from a list; typing goes to the first that begins so where the list is long.
import { Select } from 'antd';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** So many can be looked over at a glance; more are searched by typing. */
const GLANCE = 10;

export function ChoiceField({
  label,
  any,
  choices,
  value,
  change,
  id,
  className,
}: {
  label: string;
  /** How it is said that nothing is picked, the empty value; without it one of the choices always is. */
  any?: string;
  choices: readonly Choice[];
  value: string;
  change: (value: string) => void;
  id?: string;
  className?: string;
}) {
  const none = any === undefined ? [] : [{ value: '', label: any }];
  // What an address names and nobody offers is shown all the same.
  const isOffered = value === '' || choices.some((choice) => choice.value === value);
  return (
    <Select
      {...(id === undefined ? {} : { id })}
      {...(className === undefined ? {} : { className })}
      aria-label={label}
      value={value}
      onChange={change}
      popupMatchSelectWidth={false}
      showSearch={choices.length > GLANCE && { optionFilterProp: 'label' }}
      options={[...none, ...(isOffered ? [] : [{ value, label: value }]), ...choices]}
    />
  );
}
