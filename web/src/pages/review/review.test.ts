import { expect, it } from 'vitest';
import { kappaText } from './data';

it('writes kappa with two decimals, and nothing where it is not defined', () => {
  expect([0.4, -0.05, 1, null].map(kappaText)).toEqual(['0.40', '−0.05', '1.00', '—']);
});
