import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/counts-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most test files start a control plane of their own; two cores carry three of them, as one mostly waits.
    maxWorkers: 3,
    // Of those tests of a file that may run at once: what they wait for is played by a few processes.
    maxConcurrency: 2,
  },
});
