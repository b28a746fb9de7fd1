// The icons: 24 grid, 1.6 stroke. An icon stands beside a word; where it stands alone, its control carries the name.
import type { CSSProperties, ReactElement } from 'react';

const drawings = {
  tonight: <path d="M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z" />,
  campaigns: <path d="M5 21V4m0 0h11l-2 4 2 4H5" />,
  dialplans: (
    <>
      <rect x="4" y="4" width="6" height="5" rx="1" />
      <rect x="14" y="10" width="6" height="5" rx="1" />
      <rect x="4" y="16" width="6" height="5" rx="1" />
      <path d="M10 6.5h3.5v6M10 18.5h3.5v-6" />
    </>
  ),
  person: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="9" r="3.500" />
      <path d="M2.500 19.500c.8-3.500 3.500-5 6.500-5s5.700 1.500 6.500 5M15 5.800a3.500 3.500 0 0 1 0 6.400M17.500 14.800c2.200.6 3.500 2.200 4 4.700" />
    </>
  ),
  wave: <path d="M3 12h2M8 7v10M12 4v16M16 8v8M20 11v2" />,
  shield: (
    <>
      <path d="M12 3l7 3v5c0 5-3 8.500-7 10-4-1.500-7-5-7-10V6z" />
      <path d="M9 12l2.200 2.200L15.200 10" />
    </>
  ),
  headset: (
    <>
      <path d="M4 14v-2a8 8 0 0 1 16 0v2" />
      <rect x="3" y="13.500" width="4" height="6" rx="1.500" />
      <rect x="17" y="13.500" width="4" height="6" rx="1.500" />
    </>
  ),
  chart: <path d="M4 4v16h16M8 16v-4M12.500 16V8M17 16v-6" />,
  download: <path d="M12 4v11m0 0l-4-4m4 4l4-4M5 19h14" />,
  upload: <path d="M12 15V4m0 0L8 8m4-4l4 4M5 19h14" />,
  settings: (
    <>
      <circle cx="12" cy="12" r="3" />
      <path d="M12 3v2.500M12 18.500V21M3 12h2.500M18.500 12H21M5.600 5.600l1.800 1.800M16.600 16.600l1.800 1.800M18.400 5.600l-1.800 1.800M7.400 16.600l-1.800 1.800" />
    </>
  ),
  search: (
    <>
      <circle cx="11" cy="11" r="6.500" />
      <path d="M16 16l4.500 4.500" />
    </>
  ),
  day: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M18.400 5.600L17 7M7 17l-1.400 1.400" />
    </>
  ),
  left: <path d="M14 6l-6 6 6 6" />,
  right: <path d="M10 6l6 6-6 6" />,
  down: <path d="M6 10l6 6 6-6" />,
  check: <path d="M5 12.500l4.500 4.500L19 7" />,
  cross: <path d="M6.500 6.500l11 11M17.500 6.500l-11 11" />,
  warning: <path d="M12 4l9 16H3zM12 10v4.500M12 17.200v.1" />,
  clock: (
    <>
      <circle cx="12" cy="12" r="8.500" />
      <path d="M12 7v5l3.500 2" />
    </>
  ),
  eye: (
    <>
      <path d="M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6z" />
      <circle cx="12" cy="12" r="2.500" />
    </>
  ),
  lock: (
    <>
      <rect x="5" y="10.500" width="14" height="9" rx="2" />
      <path d="M8 10.500V8a4 4 0 0 1 8 0v2.500" />
    </>
  ),
  play: <path d="M8 5.500v13l10.500-6.500z" fill="currentColor" />,
  pause: <path d="M8.500 5.500v13M15.500 5.500v13" strokeWidth="3" />,
  back: <path d="M11.500 6l-6 6 6 6M18.500 6l-6 6 6 6" />,
  forward: <path d="M5.500 6l6 6-6 6M12.500 6l6 6-6 6" />,
  loop: <path d="M4 12a7 7 0 0 1 12-5l2 2m0-4v4h-4M20 12a7 7 0 0 1-12 5l-2-2m0 4v-4h4" />,
  comment: <path d="M4 5h16v11H11l-4 4v-4H4z" />,
  flag: <path d="M6 21V4h12l-3 4 3 4H6" />,
  microphone: (
    <>
      <rect x="9" y="3.500" width="6" height="11" rx="3" />
      <path d="M5.500 12a6.500 6.500 0 0 0 13 0M12 18.500V21" />
    </>
  ),
  muted: (
    <>
      <path d="M9 9V6.500a3 3 0 0 1 6 0v5.500M14.200 14a3 3 0 0 1-5.200-2v-.5M5.500 12a6.500 6.500 0 0 0 10.500 5.100M18 14.500a6.500 6.500 0 0 0 .5-2.500M12 18.500V21" />
      <path d="M4 4l16 16" />
    </>
  ),
  bundle: <path d="M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8" />,
  calendar: <path d="M4 6h16v14H4zM4 10.500h16M8.500 3.500V7M15.500 3.500V7" />,
  phone: (
    <path d="M6 4h3l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v3a2 2 0 0 1-2 2A15 15 0 0 1 4 6a2 2 0 0 1 2-2z" />
  ),
  ear: (
    <path d="M7 10a5 5 0 1 1 10 0c0 4-4 4.500-4 8a2.500 2.500 0 0 1-4.500 1.500M10 10a2 2 0 1 1 4 0c0 1.500-1.500 2-2 3" />
  ),
  swap: <path d="M4 8h13m0 0l-3-3m3 3l-3 3M20 16H7m0 0l3-3m-3 3l3 3" />,
  dots: <path d="M6 12h.1M12 12h.1M18 12h.1" strokeWidth="3" />,
  plus: <path d="M12 5v14M5 12h14" />,
  minus: <path d="M5 12h14" />,
  pencil: <path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3" />,
  copy: <path d="M9 9h11v11H9zM15 9V4H4v11h5" />,
  leave: <path d="M14 4h5v16h-5M4 12h11m0 0l-4-4m4 4l-4 4" />,
  list: <path d="M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1" />,
  key: (
    <>
      <circle cx="8" cy="12" r="4" />
      <path d="M12 12h9M17.500 12v3.500M21 12v3" />
    </>
  ),
  device: <path d="M4 5h16v11H4zM9 20h6M12 16v4" />,
  hold: (
    <>
      <circle cx="12" cy="12" r="8.500" />
      <path d="M10 9v6M14 9v6" />
    </>
  ),
  keypad: (
    <path d="M6 6h.1M12 6h.1M18 6h.1M6 12h.1M12 12h.1M18 12h.1M6 18h.1M12 18h.1M18 18h.1" strokeWidth="3" />
  ),
  transfer: <path d="M4 12h13m0 0l-4-4m4 4l-4 4M20 5v14" />,
  hangUp: (
    <path
      d="M3.500 14.500c5-4.500 12-4.500 17 0l-2.500 2.500-3-1.500v-2.300a10 10 0 0 0-6 0v2.300l-3 1.500z"
      fill="currentColor"
    />
  ),
  ticket: <path d="M4 7h16v3.500a1.800 1.800 0 0 0 0 3.500V17H4v-3a1.800 1.800 0 0 0 0-3.500zM13 7.500v9" />,
  panel: <path d="M4 5h16v14H4zM14.5 5v14" />,
  retry: <path d="M19 6v5h-5M18.500 11A7 7 0 1 0 19 14.500" />,
} satisfies Record<string, ReactElement>;

export type IconName = keyof typeof drawings;

export function Icon({ name, size = 16, style }: { name: IconName; size?: number; style?: CSSProperties }) {
  return (
    <svg className="i" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" style={style}>
      {drawings[name]}
    </svg>
  );
}

/** The product's mark. */
export function Mark({ size = 36 }: { size?: number }) {
  return (
    <svg viewBox="0 0 36 36" width={size} height={size} aria-hidden="true">
      <rect width="36" height="36" rx="9" fill="var(--mark)" />
      <path
        d="M9 18h3M15 11v14M21 14v8M27 18h.1"
        stroke="var(--on-mark)"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
