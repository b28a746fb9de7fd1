// The months of the picker, and what a month asks of the API.
import { dayStart } from '../../time/day';

/** `2026-11` and the months before it, the latest first. */
export function monthsUntil(today: string, many: number): string[] {
  const [year = 0, month = 1] = today.split('-').map(Number);
  return Array.from({ length: many }, (_, back) => {
    const at = year * 12 + month - 1 - back;
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
  });
}

/** The month after. */
export function after(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}

/** The month before; of all time there is none. */
export function beforeOf(month: string): string | null {
  const [year = 0, number = 0] = month.split('-').map(Number);
  if (!(number >= 1 && number <= 12)) return null;
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`;
}

/** A month and those before it, so many, the earliest first. */
export function upTo(month: string, many: number): string[] {
  return monthsUntil(`${month}-01`, many).reverse();
}

/** A month there as two moments; `all`: neither. */
export function stretch(month: string, zone: string): { from?: string; to?: string } {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) return {};
  return { from: dayStart(`${month}-01`, zone), to: dayStart(`${after(month)}-01`, zone) };
}
