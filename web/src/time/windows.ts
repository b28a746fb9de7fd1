// When calls may be placed today, by the hospital's clock: nobody is signed in yet, so the zone comes with them.
import type { components } from '../api/schema';

type Health = components['schemas']['Health'];

/** `18:30–20:30`; several with a blank between. */
export function windowsOf({ windows, zone }: Pick<Health, 'windows' | 'zone'>): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  });
  const hour = (at: string) => clock.format(new Date(at));
  // A window that reaches to midnight ends with this day.
  const end = (at: string) => (hour(at) === '00:00' ? '24:00' : hour(at));
  return windows.map((window) => `${hour(window.from_at)}–${end(window.until_at)}`).join(' ');
}
