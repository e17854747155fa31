import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane();
});
afterAll(() => cluster?.stop());

const names = async () => (await kubectl(cluster, ['get', 'configmaps', '-o=name'])).trim().split('\n').sort();
const running = () => Object.keys(cluster.pids).sort();

test('a restored cluster has the data and revision of the snapshot and works', async () => {
  await kubectl(cluster, ['create', 'configmap', 'before', '--from-literal=a=1']);
  const components = running();
  const snapshot = await cluster.snapshot();
  expect(running()).toEqual(components);
  await kubectl(cluster, ['create', 'configmap', 'after']);
  await kubectl(cluster, ['patch', 'configmap', 'before', '-p', '{"data":{"a":"2"}}']);
  await cluster.raiseRevision(snapshot.revision + 500n);
  const lost = await cluster.revision();
  expect(lost).toBeGreaterThan(snapshot.revision + 500n);

  await cluster.restore(snapshot);
  expect(await cluster.revision()).toBeLessThan(lost);
  expect(await names()).toEqual(['configmap/before', 'configmap/kube-root-ca.crt']);
  expect(await kubectl(cluster, ['get', 'configmap', 'before', '-o=jsonpath={.data.a}'])).toBe('1');
  expect(running()).toEqual(components);
  // Controller manager, scheduler and KWOK have begun anew as well.
  await kubectl(cluster, ['create', 'deployment', 'web', '--image=web:1']);
  await kubectl(cluster, ['rollout', 'status', 'deployment/web', '--timeout=90s']);
});

test('a snapshot can be restored again and raised past a known revision', async () => {
  const snapshot = await cluster.snapshot();
  await kubectl(cluster, ['create', 'configmap', 'lost']);
  const known = await cluster.revision();
  for (const raisePast of [known, known + 300n]) {
    await cluster.restore(snapshot, { raisePast });
    expect(await cluster.revision()).toBeGreaterThan(raisePast);
    expect(await names()).not.toContain('configmap/lost');
    await eventually(async () => (await names()).includes('configmap/before'));
  }
});
