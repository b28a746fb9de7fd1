// One of a few, side by side under their label.
import { Segmented } from 'antd';
import { useId } from 'react';

export function SegmentedField<Value extends string>({
  label,
  choices,
  value,
  change,
}: {
  label: string;
  choices: readonly { value: Value; label: string }[];
  value: Value;
  change: (value: Value) => void;
}) {
  const id = useId();
  return (
    <>
      <span id={id}>{label}</span>
      <Segmented aria-labelledby={id} value={value} onChange={change} options={[...choices]} />
    </>
  );
}
