import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take minutes, the longest first; between those that are busy all the time stand those that mostly wait, so
 * that not all workers want the processor at once.
 */
const LONGEST = [
  'test/faults/matrix-one-kind.test.ts',
  'test/faults/matrix-whole-cluster.test.ts',
  'test/faults/availability.test.ts',
  'test/healing/healing.test.ts',
  'test/blue-green/scenarios/killed-before.test.ts',
  'test/scaling/use.test.ts',
  'test/blue-green/scenarios/killed-after.test.ts',
  'test/scaling/autoscaling.test.ts',
  'test/blue-green/scenarios/undisturbed.test.ts',
  'test/crd/children.test.ts',
  'test/framework/five-thousand.test.ts',
  'test/ownership/replays.test.ts',
  'test/leader/fencing.test.ts',
  'test/leader/elector.test.ts',
  'test/backtest/backtest.test.ts',
  'test/faults/fairness.test.ts',
  'test/operator/fields.test.ts',
  'test/cli/releases.test.ts',
  'test/deploy/main-paths.test.ts',
];

/** Starts the files that take longest first, so that at the end no worker waits for another. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const index = LONGEST.indexOf(relative(project.config.root, moduleId));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
