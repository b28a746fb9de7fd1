// What takes longer of the tests in a real browser: how every page looks, and what it does when the daemon falters. `npm run looks`.
import { defineConfig, mergeConfig } from 'vitest/config';
import console from './vitest.console.ts';

const { test, ...rest } = console;

export default mergeConfig(
  rest,
  defineConfig({
    test: {
      ...test,
      include: ['desk', 'looks', 'rights', 'figures', 'colours', 'states', 'still'].map(
        (name) => `tests/${name}.test.ts`,
      ),
    },
  }),
);
