import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../operator/index.ts';
import { versionOf } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, type OperatorProcess, sample } from '../support/operator-cluster.ts';

/** Nearly as long as the annotations of an object may be together. */
const LONG = 'x'.repeat(200_000);

let world: OperatorCluster;
let client: ApiClient;
let operator: OperatorProcess;
let version: string;

beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 2 });
  client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'author' });
  operator = await world.spawnOperator();
  await operator.says('Caches filled');
  await world.apply(restApi('1.0.0'));
  await world.untilReady('shop', { timeoutMs: 90_000 });
  await world.apply(restApi('2.0.0'));
  const release = await eventually(async () => (await world.restapi('shop'))?.status?.release, { what: 'a release' });
  version = versionOf(release.revision);
}, 180_000);
afterAll(async () => {
  await client?.close();
  await world?.[Symbol.asyncDispose]();
});

const restApi = (tag: string, annotations: Record<string, string> = {}) => {
  const blueGreen = { enabled: true, autoPromotion: { enabled: false } };
  const { metadata, ...rest } = sample('shop', { image: `registry.example.com/shop:${tag}`, blueGreen }) as {
    metadata: object;
  };
  return { ...rest, metadata: { ...metadata, annotations } };
};

const REQUESTS = ['rollback-to', 'reject', 'promote', 'retry', 'skip-checks', 'changed-by'];
const cases = REQUESTS.flatMap((name) => [
  [name, 'of no revision', () => LONG] as const,
  [name, 'that begins as a version', () => `${version}-${LONG}`] as const,
]);

test.each(cases)('a long value of restapi.dev/%s %s does not hold up the status', async (name, _, value) => {
  const annotate = (text: string | null) =>
    client.request({
      method: 'PATCH',
      path: '/apis/restapi.dev/v1alpha1/namespaces/default/restapis/shop',
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { [`restapi.dev/${name}`]: text } }, spec: { model: { replicas: replicas() } } },
    });
  const { metadata } = (await annotate(value())) as { metadata: { generation: number } };
  try {
    await eventually(
      async () => ((await world.restapi('shop'))?.status?.observedGeneration ?? 0) >= metadata.generation,
      { what: 'a status of the generation with the annotation' },
    );
  } finally {
    await annotate(null);
  }
});

let count = 0;
/** A number of replicas that differs from the last one, so that the generation changes. */
function replicas(): number {
  count += 1;
  return 1 + (count % 2);
}

test('no status was too long for the API server', async () => {
  const log = await readFile(operator.log, 'utf8');
  expect(log).not.toMatch(/Too long|may not be longer/);
});
