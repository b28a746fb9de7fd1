import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dispositions, families, lookOf } from './dispositions';
import { inOrder } from './StackBar';

describe('the dispositions', () => {
  it('are those of the daemon, in its Chinese words', () => {
    const source = readFileSync('../src/outcome/disposition.rs', 'utf8');
    const daemons = [...source.matchAll(/^ {4}\w+ = "(\w+)", "([^"]+)";/gm)].map((match) => [
      match[1],
      match[2],
    ]);
    expect(daemons.length).toBeGreaterThan(30);
    expect([...dispositions].sort()).toEqual(daemons.map(([id]) => id).sort());
    for (const [id, zh] of daemons) expect(lookOf(id ?? '').word[0], id).toBe(zh);
  });

  it('each have a family of the seven', () => {
    for (const disposition of dispositions) expect(families).toContain(lookOf(disposition).family);
  });

  it('that this console does not know are shown by their identifier', () => {
    expect(lookOf('of_tomorrow').word[0]).toBe('of_tomorrow');
  });

  it('stand in the order of the families', () => {
    const shares = ['own_line_fault', 'busy', 'completed', 'refused', 'partial'].map((disposition) => ({
      disposition,
      count: 1,
    }));
    expect(inOrder(shares).map((share) => share.disposition)).toEqual([
      'completed',
      'partial',
      'refused',
      'busy',
      'own_line_fault',
    ]);
  });
});
