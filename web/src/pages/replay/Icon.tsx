// The signs of the player: 24 grid, 1.6 stroke, round joins.

const PATHS = {
  play: <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />,
  pause: <path d="M8.5 5.5v13M15.5 5.5v13" strokeWidth={3} />,
  back: <path d="M11 7l-5 5 5 5M18 7l-5 5 5 5" />,
  forward: <path d="M13 7l5 5-5 5M6 7l5 5-5 5" />,
  loop: <path d="M4 12a6 6 0 0 1 6-6h8m0 0l-3-3m3 3l-3 3M20 12a6 6 0 0 1-6 6H6m0 0l3 3m-3-3l3-3" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  speech: <path d="M5 5h14v10h-7l-4 4v-4H5z" />,
  check: <path d="M5 12.5l4.5 4.5L19 7" />,
  warn: <path d="M12 4l9 16H3zM12 10v4.5M12 17.2v.1" />,
  microphone: (
    <>
      <rect x="9" y="3.5" width="6" height="11" rx="3" />
      <path d="M5.5 12a6.5 6.5 0 0 0 13 0M12 18.5V21" />
    </>
  ),
  shield: (
    <>
      <path d="M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6z" />
      <path d="M9 12l2.2 2.2L15.2 10" />
    </>
  ),
  box: <path d="M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8" />,
  left: <path d="M14 6l-6 6 6 6" />,
  right: <path d="M10 6l6 6-6 6" />,
  panel: <path d="M4 5h16v14H4zM14.5 5v14" />,
  flag: <path d="M6 21V4h11l-2 4 2 4H6" />,
} as const;

/** One sign; words beside it carry its name. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={16}
      height={16}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none', verticalAlign: -3 }}
    >
      {PATHS[name]}
    </svg>
  );
}
