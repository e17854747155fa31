import { expect, test } from 'vitest';
import { change, rest, serving } from './model-steps.ts';

test('the rejection names what kept the environment from being made, and its Services are wanted no more', () => {
  const cluster = serving({ progressDeadlineSeconds: 60 });
  change(cluster, { image: 'bad' });
  rest(cluster);
  const { status } = cluster.api;
  const problem = 'Service shop-view-green: exceeded quota: services';
  // As the controller stores it.
  if (status?.release) status.release.problem = problem;
  cluster.now += 60_000;
  expect(cluster.run().status.rejections?.[0]).toMatchObject({
    reason: 'ProgressDeadlineExceeded',
    message: expect.stringContaining(problem),
  });
  const green = () => cluster.run().decision.environments.find(({ name }) => name === 'green');
  expect(green()?.withoutServices).toBeUndefined();
  rest(cluster);
  expect(green()?.withoutServices).toBe(true);
  // What traffic came from keeps them, and so does the next release.
  change(cluster, { image: 'b' });
  expect(green()?.withoutServices).toBeUndefined();
});
