import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { App } from '../blue-green/support.ts';
import { done, QUICK, readStatus, untilHeld } from './healing-status.ts';
import { Kubelet } from './kubelet.ts';

let world: OperatorCluster;
let kubelet: Kubelet;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 2 });
  kubelet = new Kubelet(world);
  await world.startOperator();
});
afterAll(async () => {
  kubelet?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});

// What is left of one would be a shared cause for the next.
afterEach(() => world.kubectl('delete', 'restapi', '--all', '--timeout=60s'));

test('a revision that breaks after its release is rejected and rolled back', async () => {
  const spec = { healthCheck: { healing: { ...QUICK, rollback: true } } };
  const app = await App.start(world, 'released', { autoRollbackSeconds: 0 }, spec);
  await app.image('2.0.0');
  await app.untilActive('green');
  await app.untilReplicas('blue', 0);
  for (const pod of await kubelet.pods('restapi.dev/name=released,restapi.dev/component=model')) {
    await kubelet.say(pod, 'crashes');
  }
  const status = await app.untilActive('blue');
  expect(status.rejections?.[0]).toMatchObject({ reason: 'HealingRollback' });
  expect(status.rejections?.[0]?.message).toContain('exit code 3');
  expect(status.history?.[0]).toMatchObject({ result: 'RolledBack' });
  expect(done(status)).toMatchObject([{ action: 'Rollback', target: status.rejections?.[0]?.revision }]);
  await world.untilReady('released');
});

test('H1: what befalls two RestAPIs at once is not taken for a fault of their versions', async () => {
  const spec = { healthCheck: { healing: { ...QUICK, rollback: true } } };
  const apps = await Promise.all(
    ['one', 'two'].map((name) => App.start(world, name, { autoRollbackSeconds: 0 }, spec)),
  );
  for (const app of apps) {
    await app.image('2.0.0');
    await app.untilActive('green');
    await app.untilReplicas('blue', 0);
  }
  const pods = await kubelet.pods('restapi.dev/name in (one,two),restapi.dev/component=model');
  await Promise.all(pods.map((pod) => kubelet.say(pod, 'hangs')));
  for (const { name } of apps) await untilHeld(world, name, 'SharedCause');
  // Beyond the time after which either alone is rolled back.
  await sleep(6_000);
  for (const { name } of apps) {
    const status = await readStatus(world, name);
    expect(status).toMatchObject({ activeEnvironment: 'green' });
    expect(status.rejections).toBeUndefined();
    expect(status.healing?.unhealthySince).toBeDefined();
  }
});

test('H1: a version that was healthy for long after its switch is not rolled back', async () => {
  const spec = { healthCheck: { healing: { ...QUICK, rollback: true, rollbackWindowSeconds: 10 } } };
  const app = await App.start(world, 'proven', { autoRollbackSeconds: 0 }, spec);
  await app.image('2.0.0');
  await app.untilActive('green');
  await app.untilReplicas('blue', 0);
  await sleep(3_000);
  for (const pod of await kubelet.pods('restapi.dev/name=proven,restapi.dev/component=model')) {
    await kubelet.say(pod, 'hangs');
  }
  await untilHeld(world, 'proven', 'RevisionProven');
  expect(await readStatus(world, 'proven')).toMatchObject({ activeEnvironment: 'green' });
});
