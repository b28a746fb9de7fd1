// The faults as a file that a spreadsheet opens: byte order mark, quoted, no cell ever a formula.
import type { components } from '../../api/schema';

export type Fault = components['schemas']['ListFault'];

/** A cell that a spreadsheet would run gets an apostrophe in front. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return `\u{feff}${[heading, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

export function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
