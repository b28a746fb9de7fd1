import { describe, expect, it } from 'vitest';
import { board } from '../../../tests/night';
import { FIGURES, figureAt, listOf, type NightFigure, nOf } from './figures';

describe('the figures of the board', () => {
  it('come back from the address that they are opened by', () => {
    const asked: NightFigure[] = [
      ...FIGURES.map((figure) => ({ figure })),
      { figure: 'done', disposition: 'no_answer' },
      { figure: 'answered', campaign: 3 },
      { figure: 'attempts', trunk: '移动 C&D' },
    ];
    for (const figure of asked)
      expect(figureAt(new URL(listOf(figure), 'http://a').searchParams)).toEqual(figure);
    expect(figureAt(new URLSearchParams('figure=everything'))).toBeNull();
  });

  it('are those that the board shows', () => {
    const night = board();
    expect(nOf(night, { figure: 'not_completed' })).toBe(871 - 612);
    expect(nOf(night, { figure: 'done', disposition: 'busy' })).toBe(31);
    expect(nOf(night, { figure: 'done', disposition: 'fax' })).toBe(0);
    expect(nOf(night, { figure: 'done', campaign: 1 })).toBe(441);
    expect(nOf(night, { figure: 'attempts', trunk: '移动 C' })).toBe(160);
    expect(nOf(night, { figure: 'own_faults', campaign: 1 })).toBeNull();
  });
});
