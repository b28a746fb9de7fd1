import { expect, it } from 'vitest';
import { grouped } from './grouped';

it('is read aloud in groups', () => {
  expect(grouped('13800001111')).toBe('138 0000 1111');
  expect(grouped('138****1111')).toBe('138 **** 1111');
  expect(grouped('057188880000')).toBe('0571 88880000');
  expect(grouped('110')).toBe('110');
});
