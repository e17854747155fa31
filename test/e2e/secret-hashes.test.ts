import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashOf, type Operator, type StoredObject } from '../../operator/index.ts';
import type { Deployment } from '../../resources/index.ts';
import { REFERENCES_HASH } from '../../resources/model/references.ts';
import { HASH_KEY_SECRET } from '../../src/create-operator.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

/** Kinds that ClusterRole view lets users read, and that the operator writes or that name its hashes. */
const READABLE =
  'configmaps,controllerrevisions,deployments,endpoints,events,horizontalpodautoscalers,jobs,persistentvolumeclaims,pods,replicasets,serviceaccounts,services';
const VIEWER = ['--as=viewer', '-n', 'default'];

let world: OperatorCluster;
let operator: Operator;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 2 });
  await world.kubectl('create', 'rolebinding', 'viewer', '--clusterrole=view', '--user=viewer');
  operator = await world.startOperator();
  await world.apply(
    secret('4711'),
    sample('shop', { model: { envFrom: [{ secretRef: { name: 'db' } }] } }),
    sample('released', {
      blueGreen: { enabled: true },
      model: { envFrom: [{ secretRef: { name: 'db', onChange: 'Release' } }] },
    }),
  );
  await world.untilReady('shop', { timeoutMs: 90_000 });
  await world.untilReady('released', { timeoutMs: 90_000 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

function secret(PIN: string): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'default' }, stringData: { PIN } };
}

/** Returns the PINs that somebody finds who knows how hashes are made, but no key. */
function guess(text: string): string[] {
  const seen = new Set(text.match(/[0-9a-f]{8,}/g));
  const pins = Array.from({ length: 10_000 }, (_, pin) => String(pin).padStart(4, '0'));
  return pins.filter((pin) => hashesOf(pin).some((hash) => seen.has(hash)));
}

/** All hashes of a Secret that this operator makes or ever made, without a key. */
function hashesOf(pin: string): string[] {
  const data = { PIN: Buffer.from(pin).toString('base64') };
  const plain = [pin, JSON.stringify(data)].map((text) => createHash('sha256').update(text).digest('hex'));
  const contents = [{ data, type: 'Opaque' }, { data }, data].map(hashOf);
  const ofSources = contents.map((hash) => hashOf([['Secret', 'db', hash]]));
  const named = [...contents, ...ofSources].flatMap((hash) => [{ model: hash }, { 'Secret/db': hash }].map(hashOf));
  return [...plain, ...contents, ...ofSources, ...named, ...named.map((hash) => hash.slice(0, 8))];
}

const deployment = async (name = 'shop-model') => {
  const found = await world.get<StoredObject<Deployment>>('deployment', name);
  if (!found) throw new Error(`there is no Deployment ${name}`);
  // The generation also grows with annotations of the Deployment, which restart nothing.
  const revision = found.metadata.annotations?.['deployment.kubernetes.io/revision'];
  return { revision, hash: found.spec.template.metadata.annotations[REFERENCES_HASH] };
};

async function restartOperator(): Promise<void> {
  await operator.stop();
  const mark = await world.cluster.auditMark();
  operator = await world.startOperator();
  await eventually(
    async () => (await world.operatorRequests(mark)).filter(({ objectRef }) => objectRef?.name === 'db').length > 0,
    { what: 'the operator has read the Secret' },
  );
  await sleep(1_500);
}

test('S9: the guesses would find an unkeyed hash', () => {
  const content = hashOf({ data: { PIN: Buffer.from('4711').toString('base64') }, type: 'Opaque' });
  expect(guess(`"${REFERENCES_HASH}":"${hashOf([['Secret', 'db', content]])}"`)).toEqual(['4711']);
  expect(guess(`released-abc-${hashOf({ 'Secret/db': content }).slice(0, 8)}`)).toEqual(['4711']);
});

test('S9: a Secret cannot be guessed from what ClusterRole view can read', async () => {
  const readable = await world.kubectl('get', READABLE, '-o', 'json', ...VIEWER);
  const restApis = await world.kubectl('get', 'restapis', '-o', 'json');
  expect(readable).toContain(REFERENCES_HASH);
  expect(readable).toContain('ControllerRevision');
  expect(guess(readable + restApis)).toEqual([]);
  await expect(world.kubectl('get', 'secrets', ...VIEWER)).rejects.toThrow(/forbidden/i);
});

test('pods restart when the content changes, and not with metadata or a restart of the operator', async () => {
  const before = await deployment();
  await world.kubectl('annotate', 'secret', 'db', 'look=here');
  await sleep(1_500);
  expect(await deployment()).toEqual(before);
  await restartOperator();
  expect(await deployment()).toEqual(before);
  await world.apply(secret('4712'));
  await eventually(async () => (await deployment()).revision !== before.revision, { what: 'the restart' });
});

test('applying kustomize/base again keeps the key', async () => {
  const key = () => world.get<StoredObject & { data?: object }>('secret', HASH_KEY_SECRET, 'restapi-system');
  const before = (await key())?.data;
  expect(before).toHaveProperty('key');
  await world.kubectl('apply', '-k', join(packageRoot(), 'kustomize', 'base'));
  expect((await key())?.data).toEqual(before);
});

test('a lost key restarts no pods, and later changes do', async () => {
  await world.untilReady('shop', { timeoutMs: 90_000 });
  const before = await deployment();
  await world.kubectl(
    'patch',
    'secret',
    HASH_KEY_SECRET,
    '-n',
    'restapi-system',
    '--type=merge',
    '-p',
    '{"data":null}',
  );
  await restartOperator();
  expect(await deployment()).toEqual(before);
  const kept = await world.get<StoredObject & { data?: object }>('secret', HASH_KEY_SECRET, 'restapi-system');
  expect(Object.keys(kept?.data ?? {})).toEqual(['key']);
  await restartOperator();
  expect(await deployment()).toEqual(before);
  await world.apply(secret('4713'));
  await eventually(async () => (await deployment()).revision !== before.revision, { what: 'the restart' });
  const after = await deployment();
  expect(after.hash?.split(':')[0]).not.toBe(before.hash?.split(':')[0]);
});
