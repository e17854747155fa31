import { expect, test } from 'vitest';
import { missing } from '../../../src/blue-green/environments.ts';
import { change, rest, serving } from './model-steps.ts';

test('a release says why the new pods are not available while old ones in its environment are', () => {
  const found = {
    model: {
      revision: 'c',
      replicas: 2,
      available: 2,
      updated: 0,
      ready: 2,
      pods: 4,
      failing: 0,
      settled: false,
      trouble: 'pod shop-model-green-1 restarts again and again: exit code 3',
    },
  };
  expect(missing({ revision: 'c' }, { model: 2 }, found)).toEqual([
    'model (0 of 2 pods available; pod shop-model-green-1 restarts again and again: exit code 3; pods of an older revision still exist)',
  ]);
});

test('pods of the revision before in the same environment are no progress of the release', () => {
  const cluster = serving({ paused: true });
  change(cluster, { image: 'b' });
  rest(cluster);
  change(cluster, { image: 'bad' });
  const { release } = rest(cluster).status;
  expect(release).toMatchObject({ phase: 'Preparing', availableReplicas: 0 });
  expect(release?.message).toContain('0 of 2 pods available');
});
