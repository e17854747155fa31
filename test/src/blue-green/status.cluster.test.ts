import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';
import { App } from './support.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 2 });
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('a release with a missing Secret leaves the RestAPI Ready, reports it, and continues once it exists', async () => {
  const app = await App.start(world, 'secretive', { paused: true });
  await app.patch({ model: { envFrom: [{ secretRef: { name: 'db', onChange: 'Release' } }] } });
  const status = await app.until('it is told', ({ conditions }) =>
    Boolean(conditions?.some(({ type }) => type === 'ReferenceNotFound')),
  );
  expect(status).toMatchObject({ phase: 'Ready', activeEnvironment: 'blue' });
  expect(JSON.stringify(status.conditions)).toContain('Secret db (spec.model.envFrom[0].secretRef)');
  await world.kubectl('create', 'secret', 'generic', 'db', '--from-literal=url=a');
  await app.patch({ blueGreen: { paused: false } });
  const found = await app.untilActive('green');
  expect(found.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Progressing', 'Promoted']);

  // What this Secret holds is part of a revision: a change of it is a release.
  await world.kubectl('delete', 'secret', 'db');
  await world.kubectl('create', 'secret', 'generic', 'db', '--from-literal=url=b');
  await app.untilActive('blue');
});

test('the volume stays while what is active uses it, though the spec no longer asks for one', async () => {
  const storage = { accessMode: 'ReadWriteMany', storageClassName: 'manual', whenDeleted: 'Delete' };
  await world.apply(...volume('manual'));
  const app = await App.start(world, 'keeper', { paused: true }, { repository: { storage } });
  const claim = await world.get('pvc', 'keeper-repository');
  await app.patch({ repository: { storage: null } });
  await app.until('it is held', ({ release }) => release?.phase === 'Paused');
  expect(await world.get('pvc', 'keeper-repository')).toMatchObject({ metadata: { uid: claim?.metadata.uid } });
  expect((await world.get('pvc', 'keeper-repository'))?.metadata.deletionTimestamp).toBeUndefined();
  await app.patch({ blueGreen: { paused: false } });
  await app.untilActive('green');
  // It is deleted when no environment mounts it any more; the old one keeps its pods for a moment.
  await app.untilReplicas('blue', 0);
});

test('an invalid spec loses nothing that is known of releases', async () => {
  const app = await App.start(world, 'invalid');
  await app.image('2.0.0');
  const before = await app.untilActive('green');
  const crd = JSON.parse(await world.kubectl('get', 'crd/restapis.restapi.dev', '-o', 'json'));
  const { image } = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
  delete image['x-kubernetes-validations'];
  delete crd.metadata.resourceVersion;
  await world.cluster.kubectl(['replace', '-f', '-'], { input: JSON.stringify(crd) });
  await eventually(async () => {
    await app.patch({ image: 'not an image' });
    return true;
  });
  const failed = await app.until('it is refused', ({ phase }) => phase === 'Failed');
  expect(failed).toMatchObject({ activeEnvironment: 'green', history: before.history });
  expect(await app.selected('invalid')).toBe('green');
});
