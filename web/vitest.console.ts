// The tests that drive a real browser against a real daemon: `npm run console`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: ['tests/setup.ts'],
    include: ['console', 'keyboard', 'lists'].map((name) => `tests/${name}.test.ts`),
    testTimeout: 60_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
