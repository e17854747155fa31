import { expect, test } from 'vitest';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { playStorm } from './storm.ts';

// Minutes of it, and what came of that: npm run storm and docs/explanation/healing.md.
test('in a storm healing keeps to its budget, and holds still where it is not about single RestAPIs', async () => {
  await using world = await OperatorCluster.start({ kwokNodes: 2 });
  await world.startOperator();
  const budget = { stuckSeconds: 5, windowSeconds: 20, maxActions: 2 };
  const figures = await playStorm(world, { seconds: 36, restApis: 5, budget });
  expect(figures.played).toBeGreaterThan(40);
  expect(figures.mostInWindow).toBeLessThanOrEqual(2);
  // The share of one namespace.
  expect(figures.mostInMinute).toBeLessThanOrEqual(3);
  expect(figures).toMatchObject({ inOutage: 0, withoutNodes: 0 });
  // Of a storm in which nothing is ever done nothing could be learned.
  expect(figures.inGusts).toBeGreaterThan(0);
});
