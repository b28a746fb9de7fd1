// The figures of the board that have a list, as the page's address names them.
import type { Board } from './board';

export const FIGURES = ['done', 'completed', 'not_completed', 'attempts', 'answered', 'own_faults'] as const;

export interface NightFigure {
  figure: (typeof FIGURES)[number];
  campaign?: number;
  disposition?: string;
  trunk?: string;
}

/** The names that the address uses. */
export const ON_BOARD = ['figure', 'campaign', 'disposition', 'trunk'] as const;

/** Which list the address asks for; null: none. */
export function figureAt(address: URLSearchParams): NightFigure | null {
  const figure = FIGURES.find((one) => one === address.get('figure'));
  if (figure === undefined) return null;
  const [campaign, disposition, trunk] = [
    Number(address.get('campaign')),
    address.get('disposition'),
    address.get('trunk'),
  ];
  return {
    figure,
    ...(Number.isInteger(campaign) && campaign > 0 ? { campaign } : {}),
    ...(disposition ? { disposition } : {}),
    ...(trunk ? { trunk } : {}),
  };
}

/** The address of a list. */
export function listOf(figure: NightFigure): string {
  const address = new URLSearchParams();
  for (const name of ON_BOARD) {
    const value = figure[name];
    if (value !== undefined) address.set(name, String(value));
  }
  return `/tonight?${address}`;
}

/** What the board says for it; null: the board does not show this one. */
export function nOf(board: Board, { figure, campaign, disposition, trunk }: NightFigure): number | null {
  if (trunk !== undefined) {
    const row = board.trunks.find((one) => one.name === trunk);
    if (row === undefined) return null;
    return figure === 'attempts' ? row.attempts : figure === 'answered' ? row.answered : null;
  }
  if (disposition !== undefined) {
    if (figure !== 'done' || campaign !== undefined) return null;
    return board.results.dispositions.find((one) => one.disposition === disposition)?.cases ?? 0;
  }
  if (campaign !== undefined) {
    const row = board.campaigns.find((one) => one.id === campaign);
    if (row === undefined) return null;
    return figure === 'done' || figure === 'attempts' || figure === 'answered' ? row[figure] : null;
  }
  return figure === 'not_completed' ? board.sums.done - board.sums.completed : board.sums[figure];
}
