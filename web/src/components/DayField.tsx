// A day, picked or typed; as the API's filters and the address have it: 2026-11-20.
import { DatePicker } from 'antd';
import dayjs from 'dayjs';

export function DayField({
  label,
  value,
  change,
  id,
  className,
}: {
  label: string;
  /** No day: the empty text. */
  value: string;
  change: (value: string) => void;
  id?: string;
  className?: string;
}) {
  return (
    <DatePicker
      {...(id === undefined ? {} : { id })}
      {...(className === undefined ? {} : { className })}
      size="small"
      aria-label={label}
      placeholder={label}
      value={value === '' ? null : dayjs(value)}
      onChange={(day) => change(day?.format('YYYY-MM-DD') ?? '')}
    />
  );
}
