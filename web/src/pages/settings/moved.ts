/** The same list with one of its rows a place up or down; at either end it stays. */
export function moved<One>(all: readonly One[], at: number, by: 1 | -1): One[] {
  const to = at + by;
  const row = all[at];
  if (row === undefined || to < 0 || to >= all.length) return [...all];
  const rest = all.filter((_, place) => place !== at);
  return [...rest.slice(0, to), row, ...rest.slice(to)];
}
