// An agent's hour in real browsers, against a daemon that `cargo test --test agents hour` has started: it names it in AFTERCALL_HOUR.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/hour.test.ts'],
    testTimeout: 150_000,
    hookTimeout: 60_000,
    // One thing happens after the other; what fails first is what is to be told.
    bail: 1,
  },
});
