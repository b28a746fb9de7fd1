import { describe, expect, it } from 'vitest';
import type { components } from '../../api/schema';
import { bySection, byTrunk, ownCalendar } from './setting-lines';

type Line = components['schemas']['SettingLine'];

const line = (section: string, trunk: number | null, key: string, value: string | null): Line => ({
  section,
  trunk,
  key,
  value,
  line: 1,
  takes: 'restart',
});

describe('lines of the settings', () => {
  const lines = [
    line('place', null, 'work_calendar', 'days.toml'),
    line('trunk', 1, 'address', '192.0.2.2'),
    line('trunk', 0, 'name', 'main'),
    line('trunk', 0, 'password', null),
  ];

  it('stand under their trunk, in the order of the file', () => {
    expect(byTrunk(lines).map(({ name, lines: of }) => [name, of.length])).toEqual([
      ['main', 2],
      ['192.0.2.2', 1],
    ]);
  });

  it('stand beside the trunks where they are of another section', () => {
    expect(bySection(lines).map((one) => one.key)).toEqual(['work_calendar']);
    expect(ownCalendar(lines)?.value).toBe('days.toml');
  });
});
