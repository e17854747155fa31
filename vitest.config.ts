import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Each test file may start a control plane of its own; two cores carry two of them.
    maxWorkers: 2,
  },
});
