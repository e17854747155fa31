import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

const BASE = join(packageRoot(), 'kustomize', 'base');

test('uninstalling as the README describes leaves nothing behind and does not hang', async () => {
  await using world = await OperatorCluster.start();
  const operator = await world.spawnOperator();
  await world.apply(sample('shop'), sample('other'));
  await world.untilReady('shop');
  await world.untilReady('other');

  await world.kubectl('delete', 'restapis', '--all', '--all-namespaces', '--timeout=90s');
  expect(await world.generated()).toEqual([]);

  // The operator is gone before its last RestAPI, which its finalizer blocks until it is removed.
  await world.apply(sample('late'));
  await world.untilReady('late');
  await operator.end('SIGTERM');
  await world.kubectl('delete', 'restapi', 'late', '--wait=false');
  await world.kubectl('patch', 'restapi', 'late', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
  await eventually(async () => (await world.generated()).length === 0, {
    what: 'garbage collected',
    timeoutMs: 90_000,
  });

  await world.kubectl('delete', '-k', BASE, '--timeout=60s');
  expect(await world.get('namespace', 'restapi-system')).toBeUndefined();
  expect(await world.get('crd', 'restapis.restapi.dev')).toBeUndefined();
});
