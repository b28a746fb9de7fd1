// A calendar day of the hospital as two moments, for filters that take RFC 3339.

/** How far a zone is ahead of UTC at a moment, in ms. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const there = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return there - Math.floor(at / 1000) * 1000;
}

function midnight(day: string, zone: string, days: number): string {
  const utc = Date.parse(`${day}T00:00:00Z`) + days * 86_400_000;
  const guess = utc - ahead(utc, zone);
  return new Date(utc - ahead(guess, zone)).toISOString();
}

/** The first moment of `2026-11-20` there. */
export const dayStart = (day: string, zone: string): string => midnight(day, zone, 0);

/** The first moment of the day after. */
export const dayEnd = (day: string, zone: string): string => midnight(day, zone, 1);
