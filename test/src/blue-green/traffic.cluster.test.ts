import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { ManualRelease } from './manual-release.ts';
import { startTraffic } from './traffic.ts';

// No operator runs here: what the traffic finds is made by hand on a real control plane.
let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const V2 = 'registry.example.com/shop:2.0.0';

async function served(name: string) {
  const app = new ManualRelease(world, name, ['controller']);
  await app.serve({ replicas: 2 });
  const traffic = await startTraffic(world, { namespace: 'default', name, port: 'controller' });
  return { app, traffic };
}

/** What is wrong in a Service for good. */
async function patch(service: string, spec: object): Promise<void> {
  await world.kubectl('patch', 'service', service, '--type=merge', '-p', JSON.stringify({ spec }));
}

test('in a good release no request fails and none meets two versions', async () => {
  const { app, traffic } = await served('good');
  await using _ = traffic;
  expect(await traffic.run(200, 10)).toEqual({
    requests: expect.any(Number),
    failed: 0,
    crossed: 0,
    answeredBy: { blue: expect.any(Number) },
    failures: {},
  });

  const release = async () => {
    await app.bringUp('green', { replicas: 2, image: V2 });
    await app.switchTo('green');
    await app.complete(2);
  };
  let released = false;
  const releasing = release().then(() => {
    released = true;
  });
  const during = await traffic.run(1, 10, releasing);
  expect(released).toBe(true);
  expect(during).toMatchObject({ failed: 0, crossed: 0 });
  expect(during.answeredBy.blue).toBeGreaterThan(0);
  await eventually(async () => (await traffic.run(20, 5)).answeredBy.blue === undefined);

  const scaleDown = async () => {
    await app.scale('blue', 0);
    await app.emptied('blue');
  };
  const after = await traffic.run(200, 10, scaleDown());
  expect(after).toMatchObject({ failed: 0, crossed: 0, answeredBy: { green: after.requests } });
});

test.each<[string, number]>([
  ['answers while it drains', 60],
  ['answers nobody when it has drained', 0],
])('a pod that is gone but still an endpoint %s', async (_what, drainSeconds) => {
  const name = `ghost-${drainSeconds}`;
  const app = new ManualRelease(world, name, ['repository']);
  await app.serve({ drainSeconds });
  await using traffic = await startTraffic(world, { namespace: 'default', name, port: 'repository' });
  const labels = { 'kubernetes.io/service-name': name };
  const [slice] = await world.list<{ metadata: object }>('endpointslices', '-l', `kubernetes.io/service-name=${name}`);
  await app.scale('blue', 0);
  await app.emptied('blue');
  // A copy that no controller looks after.
  await world.apply({ ...slice, metadata: { name: `${name}-by-hand`, namespace: 'default', labels } });
  await eventually(async () => {
    const { answeredBy, failed, failures } = await traffic.run(10, 1);
    if (drainSeconds > 0) return answeredBy.blue === 10;
    return (
      failed === 10 &&
      Object.keys(failures).every((message) => /^pod .*-repository-blue-.* does not run$/.test(message))
    );
  });
});

test('a switch to an environment without ready pods: requests fail, and are counted', async () => {
  const { app, traffic } = await served('early');
  await using _ = traffic;
  await app.apply('green', { stuck: ['controller'] });
  const bad = async () => {
    await app.switchTo('green');
    // So many that those beside it have met the same.
    await eventually(async () => (await traffic.run(20, 1)).failed === 20);
  };
  expect((await traffic.run(100, 10, bad())).failed).toBeGreaterThan(0);
  expect((await traffic.run(50, 5)).failed).toBeGreaterThanOrEqual(50);
  expect((await traffic.run(1, 1)).failures).toEqual({ 'early:8081 has no ready endpoint': 1 });
});

test('a Service of one environment that selects the other: requests cross, and are counted', async () => {
  const { app, traffic } = await served('crossed');
  await using _ = traffic;
  await app.bringUp('green', { replicas: 2, image: V2 });
  expect(await traffic.run(50, 5)).toMatchObject({ failed: 0, crossed: 0 });
  await patch('crossed-repository-blue', { selector: { 'restapi.dev/environment': 'green' } });
  await eventually(async () => (await traffic.run(20, 5)).crossed >= 20);
});

test('a version that changes in place: requests cross, and are counted', async () => {
  const { app, traffic } = await served('mixed');
  await using _ = traffic;
  await world.kubectl('set', 'image', 'deployment/mixed-model-blue', `model=${V2}`);
  await app.available(app.deployments('blue'));
  await eventually(async () => (await traffic.run(20, 5)).crossed >= 20);
});

test('a port that leads to another component: requests fail, and are counted', async () => {
  const { traffic } = await served('wrong');
  await using _ = traffic;
  const selector = { 'restapi.dev/component': 'model' };
  await patch('wrong', { selector, ports: [{ name: 'controller', port: 8081, targetPort: 'model' }] });
  await eventually(async () => 'answered by model, repository' in (await traffic.run(20, 5)).failures);
});

test('a port on which the pod does not listen', async () => {
  const { traffic } = await served('deaf');
  await using _ = traffic;
  await patch('deaf', { ports: [{ name: 'controller', port: 8081, targetPort: 9999 }] });
  await eventually(async () => {
    const { failed, failures } = await traffic.run(5, 1);
    return failed === 5 && Object.keys(failures).every((message) => message.endsWith('does not listen on port 9999'));
  });
});
