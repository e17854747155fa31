import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, World } from '../operator/world.ts';
import { App } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ kwokNodes: 2 });
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const COMPONENTS = ['model', 'view', 'controller', 'repository'];
const reasons = async (name: string) =>
  (await world.list<{ reason: string; regarding: { name: string } }>('events.events.k8s.io'))
    .filter(({ regarding }) => regarding.name === name)
    .map(({ reason }) => reason);

test('a release: all of it beside the old version, one write to the front Service, the old pods go after the delay', async () => {
  const app = await App.start(world, 'shop', { scaleDownDelaySeconds: 3 });
  const first = await app.status();
  expect(await app.replicas('blue')).toEqual([2, 2, 2, 2]);
  expect(await app.replicas('green')).toEqual([]);
  const container = JSON.stringify(await world.get('deployment', 'shop-model-blue'));
  expect(container).toContain('http://shop-view-blue:3000');
  expect(container).toContain('"name":"shop-env-blue"');

  const mark = await world.cluster.auditMark();
  await app.image('2.0.0');
  const status = await app.untilActive('green');
  expect(await app.selected('shop')).toBe('green');
  expect(await app.selected('shop-preview')).toBe('blue');
  for (const component of COMPONENTS) expect(await app.selected(`shop-${component}`)).toBe('green');
  expect(status.lastDeploymentTime).not.toBe(first.lastDeploymentTime);
  expect(status.history).toMatchObject([{ result: 'Promoted', image: 'registry.example.com/shop:2.0.0' }]);
  expect(status.environments).toMatchObject([
    { name: 'green', role: 'active', image: 'registry.example.com/shop:2.0.0', replicas: 8, readyReplicas: 8 },
    { name: 'blue', role: 'idle', image: 'registry.example.com/shop:1.0.0', readyReplicas: 8 },
  ]);

  await app.untilReplicas('blue', 0);
  const writes = (await world.operatorRequests(mark)).filter(({ verb }) => verb === 'patch');
  const ofFront = writes.filter(({ objectRef }) => objectRef?.resource === 'services' && objectRef.name === 'shop');
  expect(ofFront).toHaveLength(1);
  // The stable Services follow, and the old pods go when the delay is over.
  const at = (name: string, resource: string) =>
    writes.filter(({ objectRef }) => objectRef?.resource === resource && objectRef.name === name).map(timeOf);
  for (const component of COMPONENTS) {
    expect(at(`shop-${component}`, 'services').every((time) => time >= timeOf(ofFront[0]))).toBe(true);
    const scaled = at(`shop-${component}-blue`, 'deployments');
    expect(scaled).toHaveLength(1);
    expect(Number(scaled[0]) - Date.parse(status.lastDeploymentTime ?? '')).toBeGreaterThanOrEqual(3_000);
  }
  expect(await reasons('shop')).toEqual(expect.arrayContaining(['ReleaseStarted', 'Promoted', 'ScaledDown']));

  // Converged: whatever makes it look again, it writes nothing.
  await app.until('quiet', ({ environments }) => environments?.[1]?.readyReplicas === 0);
  const quiet = await world.cluster.auditMark();
  await world.kubectl('annotate', 'restapi', 'shop', 'look=again');
  await repaired('shop');
  expect(await world.operatorWrites(quiet)).toEqual(['patch services shop-preview']);
});

/** Waits until the operator has surely looked: what is changed now was put back. */
async function repaired(name: string): Promise<void> {
  await world.kubectl('label', 'service', `${name}-preview`, 'restapi.dev/traffic=other', '--overwrite');
  await eventually(async () => {
    const service = await world.get('service', `${name}-preview`);
    return service?.metadata.labels?.['restapi.dev/traffic'] === 'preview';
  });
}

function timeOf(event: { stageTimestamp?: string } | undefined): number {
  return Date.parse(event?.stageTimestamp ?? '');
}
