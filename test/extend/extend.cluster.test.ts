import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';
// The one line that lists the new dependent.
import './model-ingress.ts';

test('a new dependent is one file of under 30 lines and one line that lists it', async () => {
  const source = await readFile(join(import.meta.dirname, 'model-ingress.ts'), 'utf8');
  expect(source.trim().split('\n').length).toBeLessThan(30);

  await using world = await OperatorCluster.start();
  await world.startOperator();

  await world.apply(sample('shop'));
  await world.untilReady('shop');
  expect(await world.get('ingress', 'shop-model')).toBeUndefined();

  // Wanted: it is made, owned and repaired like the others.
  await world.kubectl('annotate', 'restapi', 'shop', 'example.com/host=shop.example.com');
  const ingress = await eventually(() => world.get('ingress', 'shop-model'));
  expect(ingress).toMatchObject({
    metadata: { ownerReferences: [{ kind: 'RestAPI', name: 'shop', controller: true }] },
    spec: {
      rules: [{ host: 'shop.example.com', http: { paths: [{ backend: { service: { name: 'shop-model' } } }] } }],
    },
  });
  await world.kubectl('delete', 'ingress', 'shop-model');
  await eventually(() => world.get('ingress', 'shop-model'));
  await world.untilQuiet();

  // No longer wanted: it goes, alone.
  await world.kubectl('annotate', 'restapi', 'shop', 'example.com/host-');
  await eventually(async () => (await world.get('ingress', 'shop-model')) === undefined);
  expect(await world.get('service', 'shop-view')).toBeDefined();
});
