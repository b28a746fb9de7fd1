// The colours of both themes for libraries that need values instead of CSS variables; a test holds them equal to tokens.css.

export type Theme = 'day' | 'night';

const day = {
  canvas: '#EEF2F2',
  surface: '#FFFFFF',
  sunken: '#F6F8F8',
  line: '#DEE5E5',
  'line-2': '#C2CDCE',
  ink: '#13272B',
  'ink-2': '#43575B',
  'ink-3': '#5A6D71',
  primary: '#0E5A63',
  'primary-2': '#0A474F',
  'primary-soft': '#DCEBEC',
  'on-primary': '#FFFFFF',
  bad: '#B93A14',
  'bad-soft': '#FBE7E0',
  warn: '#8F6400',
  'warn-soft': '#FAF0D2',
  info: '#2A5FA5',
  'info-soft': '#E4EDF8',
  'd-complete': '#0F6E7C',
  patient: '#A3520F',
  'patient-mute': '#E3BE98',
  hospital: '#1F6F7A',
  'hospital-mute': '#A5CACE',
} as const;

export type Token = keyof typeof day;

const night: Record<Token, string> = {
  canvas: '#0B1517',
  surface: '#122023',
  sunken: '#0F1B1E',
  line: '#213539',
  'line-2': '#34494E',
  ink: '#E6EEEE',
  'ink-2': '#B2C3C5',
  'ink-3': '#8CA0A3',
  primary: '#63BAC1',
  'primary-2': '#84CDD3',
  'primary-soft': '#17393D',
  'on-primary': '#08191B',
  bad: '#F28B66',
  'bad-soft': '#3A211A',
  warn: '#E2BD59',
  'warn-soft': '#332B14',
  info: '#8BB4EA',
  'info-soft': '#1A2A40',
  'd-complete': '#55B4C0',
  patient: '#E5A263',
  'patient-mute': '#7A5A38',
  hospital: '#5BB3BE',
  'hospital-mute': '#2C5F66',
};

export const tokens: Record<Theme, Record<Token, string>> = { day, night };
