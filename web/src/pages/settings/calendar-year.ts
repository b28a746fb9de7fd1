// A year as twelve months of weeks that begin on Monday.

export interface Month {
  /** From 1. */
  month: number;
  /** Seven dates as `2026-10-01` each; null: of another month. */
  weeks: (string | null)[][];
}

/** The months of a year. Dates are the calendar's own: no zone is asked. */
export function monthsOf(year: number): Month[] {
  return Array.from({ length: 12 }, (_, at) => {
    const month = at + 1;
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const before = (new Date(Date.UTC(year, at, 1)).getUTCDay() + 6) % 7;
    const cells: (string | null)[] = Array.from({ length: before }, () => null);
    for (let day = 1; day <= days; day += 1) {
      cells.push(`${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
    }
    while (cells.length % 7 !== 0) cells.push(null);
    const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
    return { month, weeks };
  });
}
