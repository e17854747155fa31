import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/runner/longest-first.ts';

// Each worker, and each operator that a test starts, compiles the same thousand files; Node can keep the result.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'node-compile-cache');

const GLOBAL_SETUP = ['test/runner/global-setup.ts'];
/** Only against tests that hang: a control plane that starts in 6 s alone has taken half a minute on a busy machine. */
const CLUSTER_TIMEOUTS = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    // By what a test needs: nothing but this repository, a control plane or another program, the whole operator in a cluster.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.cluster.test.ts', 'test/e2e/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.cluster.test.ts'],
          globalSetup: GLOBAL_SETUP,
          ...CLUSTER_TIMEOUTS,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['**/*.load.test.ts', 'test/e2e/peers/**'],
          globalSetup: GLOBAL_SETUP,
          ...CLUSTER_TIMEOUTS,
        },
      },
      {
        extends: true,
        test: {
          name: 'load',
          include: ['test/**/*.load.test.ts'],
          globalSetup: GLOBAL_SETUP,
          // One at a time: requests that are counted under load must not compete for two cores.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          // Not a part of CI: what it compares with takes minutes to build.
          name: 'peers',
          include: ['test/e2e/peers/**/*.test.ts'],
          globalSetup: GLOBAL_SETUP,
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
        },
      },
    ],
    // A new worker for each file would spend two seconds of CPU on loading the same modules.
    isolate: false,
    setupFiles: ['./test/runner/fast-check-seed.ts'],
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/runner/counts-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Its default of one second is no time on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    // Most test files start a control plane of their own; two cores carry three of them, as one mostly waits.
    maxWorkers: 3,
    // Of those tests of a file that may run at once: what they wait for is played by a few processes.
    maxConcurrency: 2,
  },
});
