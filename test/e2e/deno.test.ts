import { expect, test } from 'vitest';
import { runtimePackage } from '../../src/tools/image/runtime.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

const DENO = runtimePackage('deno').binary;

test('the operator also runs under Deno: a RestAPI becomes ready, is repaired, and goes', async () => {
  await using world = await OperatorCluster.start();
  const operator = await world.spawnOperator({
    runtime: [DENO, 'run', '--allow-net', '--allow-read', '--allow-env', '--allow-sys', '--no-prompt'],
  });
  await world.apply(sample('shop'));
  await world.untilReady('shop');
  const requests = await world.operatorRequests();
  expect(requests.some(({ userAgent }) => userAgent?.startsWith('restapi-operator/'))).toBe(true);
  await world.kubectl('delete', 'deployment', 'shop-view');
  await eventually(() => world.get('deployment', 'shop-view'));
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  expect(await operator.end('SIGTERM')).toBe(0);
});
