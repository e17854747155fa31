import { expect, test } from 'vitest';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { SafetyObserver } from './observer.ts';
import { App } from './support.ts';
import { SwitchTimes } from './switch-times.ts';
import { startTraffic } from './traffic.ts';

const REQUESTS = 10_000;

test(`a release and a way back under ${REQUESTS} requests: none fails, none meets two versions`, async () => {
  await using world = await OperatorCluster.start({ kwokNodes: 3 });
  await world.startOperator();
  const app = await App.start(world, 'shop', { scaleDownDelaySeconds: 2 });
  await using observer = await SafetyObserver.start(world, {
    namespace: 'default',
    name: 'shop',
    least: 2,
    ordered: true,
  });
  await using times = await SwitchTimes.start(world);
  await using traffic = await startTraffic(world, { namespace: 'default', name: 'shop' });

  const switched = async (environment: string): Promise<Record<string, number>> => {
    const { lastDeploymentTime = '' } = await app.untilActive(environment);
    const decided = Date.parse(lastDeploymentTime);
    const services = ['shop', 'shop-model', 'shop-view', 'shop-controller', 'shop-repository'];
    return Object.fromEntries(
      services.map((service) => [service, (times.movedTo(environment, service, decided) ?? Number.NaN) - decided]),
    );
  };
  const release = async () => {
    await app.image('2.0.0');
    const forward = await switched('green');
    await app.untilReplicas('blue', 0);
    const active = (await app.status()).environments?.find(({ role }) => role === 'active');
    await app.annotate('reject', active?.revision);
    return { forward, back: await switched('blue') };
  };
  const releasing = release();
  const result = await traffic.run(REQUESTS, 16, releasing);
  const { forward, back } = await releasing;

  console.log(
    `switching, from the decision until the endpoints had moved, milliseconds: ${JSON.stringify({ forward, back })}`,
  );
  console.log(`requests: ${JSON.stringify(result)}`);
  expect(result).toMatchObject({ failed: 0, crossed: 0, failures: {} });
  expect(result.requests).toBeGreaterThanOrEqual(REQUESTS);
  expect(result.answeredBy.blue).toBeGreaterThan(100);
  expect(result.answeredBy.green).toBeGreaterThan(100);
  for (const moved of [...Object.values(forward), ...Object.values(back)]) expect(moved).toBeGreaterThan(0);
  await observer.settle();
  expect(observer.violations).toEqual([]);
});
