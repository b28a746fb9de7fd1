// The lines of the settings file, by trunk and by section.
import type { components } from '../../api/schema';

type Line = components['schemas']['SettingLine'];

/** The trunks in the order of the file; one without a name is called by its address, as the daemon does. */
export function byTrunk(lines: readonly Line[]): { name: string; lines: readonly Line[] }[] {
  const trunks = new Map<number, Line[]>();
  for (const line of lines) {
    if (line.section !== 'trunk' || typeof line.trunk !== 'number') continue;
    trunks.set(line.trunk, [...(trunks.get(line.trunk) ?? []), line]);
  }
  return [...trunks.entries()]
    .sort(([one], [other]) => one - other)
    .map(([at, of]) => {
      const value = (key: string) => of.find((line) => line.key === key)?.value;
      return { name: value('name') ?? value('address') ?? String(at + 1), lines: of };
    });
}

/** What is in other sections. */
export const bySection = (lines: readonly Line[]): readonly Line[] =>
  lines.filter((line) => line.section !== 'trunk');

/** Where an own work calendar is named. */
export const ownCalendar = (lines: readonly Line[]): Line | undefined =>
  lines.find((line) => line.section === 'place' && line.key === 'work_calendar');
