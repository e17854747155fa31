import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take minutes, the longest first; between those that are busy all the time stand those that mostly wait, so
 * that not all workers want the processor at once.
 */
const LONGEST = [
  'test/e2e/faults/matrix-one-kind.test.ts',
  'test/e2e/faults/matrix-whole-cluster.test.ts',
  'test/e2e/faults/availability.test.ts',
  'test/src/healing/healing.cluster.test.ts',
  'test/e2e/scenarios/killed-before.test.ts',
  'test/src/scaling/use.cluster.test.ts',
  'test/e2e/scenarios/killed-after.test.ts',
  'test/src/scaling/autoscaling.cluster.test.ts',
  'test/e2e/scenarios/undisturbed.test.ts',
  'test/resources/crd/children.cluster.test.ts',
  'test/operator/runtime/five-thousand.cluster.test.ts',
  'test/operator/reconcile/replays.cluster.test.ts',
  'test/operator/leader/fencing.cluster.test.ts',
  'test/operator/leader/elector.cluster.test.ts',
  'test/backtest/backtest.cluster.test.ts',
  'test/e2e/faults/fairness.test.ts',
  'test/e2e/fields.test.ts',
  'test/src/cli/releases.cluster.test.ts',
  'test/e2e/deploy/main-paths.test.ts',
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
