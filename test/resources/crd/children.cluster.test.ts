import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, generatedFor, withDefaults } from '../../../operator/index.ts';
import { type Deployment, RestAPI } from '../../../resources/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { DEPLOYMENT } from '../../../src/workload/kinds.ts';
import { established } from '../../support/established.ts';
import { seedOf } from '../../support/seed.ts';
import { IMAGES } from '../images.ts';
import { spec } from './arbitrary.ts';
import { Server, sample } from './server.ts';

const WANTED = 500;
/** About one of ten is valid: this is only against a test that never ends. */
const AT_MOST = 100 * WANTED;
const HTTP_ROUTES = 'httproutes.gateway.networking.k8s.io';

let server: Server;
let client: ApiClient;
beforeAll(async () => {
  server = await Server.start();
  await server.kubectl('create', '-f', join(packageRoot(), 'test', 'fixtures', 'gateway-api'));
  await server.kubectl('create', '-f', join(packageRoot(), 'test', 'fixtures', 'prometheus-operator'));
  await established(server.cluster, HTTP_ROUTES);
  await established(server.cluster, 'podmonitors.monitoring.coreos.com');
  client = new ApiClient({ kubeConfig: server.cluster.kubeConfig, userAgent: 'test' });
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});

test(`the API server accepts every object generated for ${WANTED} random valid RestAPIs`, async () => {
  const refused: string[] = [];
  // The server judges a dry run by the object alone, so equal objects are sent once.
  const sent = new Set<string>();
  let admitted = 0;
  let children = 0;
  for (const any of samples(AT_MOST, seedOf('the RestAPIs'))) {
    if (admitted === WANTED) break;
    const { accepted, object } = await server.tryCreate(sample('shop', any), 'fieldValidation=Ignore');
    if (!accepted) continue;
    admitted++;
    // Every dry run makes up a uid, which would make their children's owner references differ.
    object.metadata.uid = '00000000-0000-0000-0000-000000000000';
    const all = generatedFor(RestAPI, withDefaults(RestAPI, object), undefined, 'test');
    children += all.length;
    const unlike = all.filter(({ object: child }) => {
      const text = JSON.stringify(child);
      return !sent.has(text) && sent.add(text);
    });
    await Promise.all(
      unlike.map(async ({ type, object: child }) => {
        try {
          await client.apply(type, child as never, { fieldManager: 'test', force: true, dryRun: true });
        } catch (error) {
          refused.push(`${type.kind}: ${error instanceof Error ? error.message : error} (${JSON.stringify(any)})`);
        }
      }),
    );
  }
  expect(refused).toEqual([]);
  expect(admitted).toBe(WANTED);
  console.log(`${admitted} RestAPIs, ${children} generated objects, all ${sent.size} different ones accepted`);
}, 600_000);

/** In small batches: usually far fewer are needed than may be, and to make them takes longer than to send them. */
function* samples(most: number, seed: number, batch = 50): Generator<object> {
  for (let made = 0; made < most; made += batch) yield* fc.sample(spec, { numRuns: batch, seed: seed + made });
}

test('the pull policy that the operator sends is the one that Kubernetes gives a new Deployment', async () => {
  const policies = await Promise.all(
    Object.keys(IMAGES).map(async (image) => {
      const labels = { app: 'pulled' };
      const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image }] } };
      const deployment = {
        metadata: { name: 'pulled', namespace: 'default' },
        spec: { selector: { matchLabels: labels }, template },
      };
      const { spec } = (await client.create(
        DEPLOYMENT,
        { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment },
        { dryRun: true },
      )) as unknown as Deployment;
      return [
        image,
        (spec.template.spec as { containers: { imagePullPolicy: string }[] }).containers[0]?.imagePullPolicy,
      ];
    }),
  );
  expect(Object.fromEntries(policies)).toEqual(IMAGES);
});
