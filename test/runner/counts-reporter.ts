import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends the run's output with the names of the tests that were skipped, so that none is overlooked, and with one line that people
 * and CI can read: `N passed, N failed`.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    const names: string[] = [];
    for (const module of modules) {
      // A file that cannot be loaded has no tests that could fail.
      failed += module.errors().length;
      // Nor are the tests run of a suite whose beforeAll fails: they count as skipped.
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'skipped') {
          skipped++;
          // Not those that a name pattern has left out, nor those whose beforeAll failed.
          if (test.options.mode === 'skip' && test.project.config.testNamePattern === undefined)
            names.push(nameOf(test));
        } else failed++;
      }
    }
    if (names.length > 0) console.log(`\nSkipped:\n${names.map((name) => `- ${name}`).join('\n')}`);
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

function nameOf({ module, fullName }: TestCase): string {
  return `${module.relativeModuleId}: ${fullName}`;
}
