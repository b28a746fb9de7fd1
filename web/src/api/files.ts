// Files on their way: a list to the daemon as it is, and what is made of an answer to the person.

/** The body of a request that is a file; the description of the API knows octets as numbers only. */
export const asIs = (file: Blob) => ({
  headers: { 'content-type': 'application/octet-stream' },
  body: [],
  bodySerializer: () => file,
});

/** Gives the person a file to keep. */
export function handOver(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A table for a spreadsheet: the mark at the beginning tells it that this is UTF-8. */
export const csvFile = (...table: Parameters<typeof csvOf>): Blob =>
  new Blob([csvOf(...table)], { type: 'text/csv;charset=utf-8' });

type Cell = string | number | null | undefined;

export function csvOf(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A cell that a spreadsheet would run as a formula gets an apostrophe in front. */
function cell(value: Cell): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
