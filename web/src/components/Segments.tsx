// One of a few, as buttons in one frame; the one that is on is pressed.
import type { ReactNode } from 'react';
import './components.css';

export interface Segment<Value> {
  value: Value;
  shown: ReactNode;
  /** What it is called, where what is shown is short. */
  name?: string;
  className?: string | undefined;
}

export function Segments<Value extends string | number | undefined>({
  label,
  segments,
  value,
  change,
}: {
  label: string;
  segments: readonly Segment<Value>[];
  value: Value;
  change: (value: Value) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is seen nowhere
    <div className="segmented" role="group" aria-label={label}>
      {segments.map((segment) => (
        <button
          key={String(segment.value)}
          type="button"
          className={segment.className}
          aria-pressed={segment.value === value}
          aria-label={segment.name}
          onClick={() => change(segment.value)}
        >
          {segment.shown}
        </button>
      ))}
    </div>
  );
}
