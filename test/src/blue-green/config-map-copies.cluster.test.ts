import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentHash, type StoredObject } from '../../../operator/index.ts';
import { type CopiedConfigMap, configMapCopyName } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import type { Pod } from './objects.ts';
import { App, blueGreen } from './support.ts';

const TIMEOUT_MS = 180_000;

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3 });
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const settings = (value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data: { value },
  binaryData: { blob: Buffer.from(value).toString('base64') },
});

/** The names of the ConfigMaps that the pods of the model read variables from, and the contents. */
async function read(app: App, environment: string): Promise<{ names: string[]; values: (string | undefined)[] }> {
  const labels = `restapi.dev/name=${app.name},restapi.dev/environment=${environment},restapi.dev/component=model`;
  const pods = await world.list<Pod>('pods', '-n', 'default', '-l', labels);
  const names = pods
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map((pod) => JSON.stringify(pod).match(/"configMapKeyRef":\{[^}]*"name":"([^"]+)"/)?.[1] ?? '');
  const copies = await Promise.all(names.map((name) => world.get<StoredObject<CopiedConfigMap>>('configmap', name)));
  return { names, values: copies.map((copy) => copy?.data?.value) };
}

/** Waits until so many pods of the model read this. */
const reads = (app: App, environment: string, values: string[]) =>
  eventually(
    async () => {
      const found = await read(app, environment);
      return JSON.stringify(found.values) === JSON.stringify(values);
    },
    { what: `pods of ${environment} read ${values}`, timeoutMs: 60_000 },
  );

const copies = (app: App) =>
  world
    .list<StoredObject<CopiedConfigMap>>('configmaps', '-n', 'default', '-l', `restapi.dev/name=${app.name}`)
    .then((all) => all.filter(({ metadata }) => metadata.annotations?.['restapi.dev/copy-of'] === 'settings'));
const copyOf = async (app: App, value: string) => {
  const copy = (await copies(app)).find(({ data }) => data?.value === value);
  if (!copy) throw new Error(`there is no copy with ${value}`);
  return copy;
};
const conditionOf = async (app: App, type: string) => (await app.status()).conditions?.find((one) => one.type === type);

test(
  'pods keep the configuration of their revision: after an edit, a rollback, more pods, a loss; copies go with their revisions',
  async () => {
    await world.apply(settings('one'));
    const env = [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'value' } } }];
    const app = await App.start(
      world,
      'shop',
      { scaleDownDelaySeconds: 600, revisionHistoryLimit: 2 },
      { model: { env } },
    );
    const first = await app.activeRevision();
    await reads(app, 'blue', ['one', 'one']);
    const copy = await copyOf(app, 'one');
    expect(copy).toMatchObject({
      immutable: true,
      data: settings('one').data,
      binaryData: settings('one').binaryData,
      metadata: { ownerReferences: [{ kind: 'RestAPI', name: 'shop', controller: true }] },
    });

    // An edit is released, and reaches no pod of the revision before.
    await world.apply(settings('two'));
    await app.untilActive('green', 60_000);
    await reads(app, 'green', ['two', 'two']);
    await reads(app, 'blue', ['one', 'one']);

    // An undo brings it back, also for pods that start later.
    await app.annotate('rollback-to', first);
    await app.untilActive('blue', 60_000);
    await app.patch({ replicas: 3 });
    await reads(app, 'blue', ['one', 'one', 'one']);
    await world.kubectl('delete', 'pod', '-l', 'restapi.dev/name=shop,restapi.dev/component=model', '--wait=false');
    await reads(app, 'blue', ['one', 'one', 'one']);
    await app.until('it is ready', ({ phase }) => phase === 'Ready', 60_000);
    await world.untilQuiet();

    // Without the ConfigMap the active revision goes on, and it is said to be missing.
    await world.kubectl('delete', 'configmap', 'settings');
    await app.until(
      'it is missed',
      ({ conditions = [], phase }) =>
        phase === 'Ready' &&
        conditions.some(({ type, message }) => type === 'ReferenceNotFound' && message.includes('settings')),
    );
    await app.patch({ replicas: 4 });
    await reads(app, 'blue', ['one', 'one', 'one', 'one']);
    await app.until('it is ready', ({ phase }) => phase === 'Ready', 60_000);

    // Its copy is kept as it was made.
    await world.kubectl(
      'label',
      'configmap',
      copy.metadata.name,
      'app.kubernetes.io/name-',
      'restapi.dev/name=other',
      '--overwrite',
    );
    await eventually(async () => (await copyOf(app, 'one')).metadata.labels?.['app.kubernetes.io/name'] === 'restapi');
    await world.kubectl('label', 'configmap', copy.metadata.name, 'app.kubernetes.io/managed-by-');
    await eventually(
      async () => (await copyOf(app, 'one')).metadata.labels?.['app.kubernetes.io/managed-by'] !== undefined,
    );
    const same = await copyOf(app, 'one');
    expect(same.metadata.uid).toBe(copy.metadata.uid);

    // Deleted by somebody, it can be made again only from the same content.
    await world.kubectl('delete', 'configmap', copy.metadata.name);
    const lost = await eventually(() => conditionOf(app, 'ConfigurationLost'), { what: 'the loss is said' });
    expect(lost.message).toContain(copy.metadata.name);
    await world.untilQuiet();
    await world.apply(settings('one'));
    await eventually(async () => (await copyOf(app, 'one')).metadata.uid !== copy.metadata.uid, {
      what: 'the copy is made again',
    });
    await eventually(async () => !(await conditionOf(app, 'ConfigurationLost')), {
      what: 'the loss is no longer said',
    });
    await reads(app, 'blue', ['one', 'one', 'one', 'one']);

    // Copies go with their revisions.
    const started = await world.cluster.auditMark();
    await app.annotate('retry', (await app.status()).requestedRevision);
    for (const [index, value] of ['three', 'four', 'five'].entries()) {
      await world.apply(settings(value));
      const active = index % 2 === 0 ? 'green' : 'blue';
      await app.until(
        `${value} is active`,
        ({ activeEnvironment, release }) => activeEnvironment === active && !release,
        60_000,
      );
      await reads(
        app,
        active,
        Array.from({ length: 4 }, () => value),
      );
    }
    await eventually(
      async () =>
        (await copies(app))
          .map(({ data }) => data?.value)
          .sort()
          .join() === 'five,four',
      {
        what: 'two copies are left',
        timeoutMs: 60_000,
      },
    );
    await world.untilQuiet();
    // A ConfigMap is read once for each content, and only while its copy does not exist.
    const gets = (await world.operatorRequests(started)).filter(
      ({ verb, objectRef }) => verb === 'get' && objectRef?.resource === 'configmaps' && objectRef.name === 'settings',
    );
    expect(gets.length).toBeLessThanOrEqual(2 * 3);

    await world.kubectl('delete', 'restapi', 'shop', '--timeout=60s');
    expect(await copies(app)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a ConfigMap that is created after the RestAPI starts its first version, without a release',
  async () => {
    const envFrom = [{ configMapRef: { name: 'later' } }];
    const spec = { autoPromotion: { enabled: false } };
    await world.apply(blueGreen('early', spec, { model: { envFrom } }));
    const app = new App(world, 'early');
    await app.until('it waits', ({ phase }) => phase === 'Pending');
    await world.apply({ ...settings('one'), metadata: { name: 'later', namespace: 'default' } });
    const status = await app.until('it is ready', ({ phase }) => phase === 'Ready', 60_000);
    expect([status.activeEnvironment, status.release]).toEqual(['blue', undefined]);
    expect((await app.status()).conditions).toContainEqual(
      expect.objectContaining({ type: 'Promoted', status: 'True', reason: 'Active' }),
    );
  },
  TIMEOUT_MS,
);

test(
  'a copy that cannot be made holds the release, and not the version that serves',
  async () => {
    const named = (value: string) => ({ ...settings(value), metadata: { name: 'contested', namespace: 'default' } });
    await world.apply(named('one'));
    const app = await App.start(world, 'held', {}, { model: { envFrom: [{ configMapRef: { name: 'contested' } }] } });
    const taken = configMapCopyName(await app.get(), 'contested', contentHash(named('two')));
    await world.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: taken, namespace: 'default' } });
    await world.apply(named('two'));
    await app.until('the release says what it lacks', ({ conditions = [], release }) =>
      Boolean(release?.message.includes(taken) && conditions.some(({ type }) => type === 'PreviewFailed')),
    );
    // The active environment is maintained all the same.
    await app.patch({ replicas: 3 });
    await app.untilReplicas('blue', 3);
    const status = await app.until('it is ready', ({ phase }) => phase === 'Ready', 60_000);
    expect(status.activeEnvironment).toBe('blue');
    await world.kubectl('delete', 'configmap', taken);
    await app.patch({ replicas: 2 });
    await app.untilActive('green', 60_000);
    expect((await world.get<StoredObject<CopiedConfigMap>>('configmap', taken))?.data).toEqual({ value: 'two' });
  },
  TIMEOUT_MS,
);
