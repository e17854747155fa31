import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { type Deployment, versionOf } from '../../../resources/index.ts';
import { REFERENCES_HASH } from '../../../resources/model/references.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { App } from './support.ts';

const TIMEOUT_MS = 300_000;

let world: OperatorCluster;
let operator: Awaited<ReturnType<OperatorCluster['startOperator']>>;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3 });
  operator = await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const sourceOf = (kind: 'Secret' | 'ConfigMap', name: string, value: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'default' },
  ...(kind === 'Secret' ? { stringData: { value } } : { data: { value } }),
});

/** Version 2.0.0 was promoted and taken back; 1.0.0 is active again. Its model reads a Secret and a ConfigMap. */
async function takenBack(
  name: string,
  annotation: 'reject' | 'rollback-to',
): Promise<{ app: App; good: string; bad: string }> {
  await world.apply(sourceOf('Secret', `${name}-db`, 'one'), sourceOf('ConfigMap', `${name}-settings`, 'one'));
  const envFrom = [{ secretRef: { name: `${name}-db` } }, { configMapRef: { name: `${name}-settings` } }];
  const app = await App.start(world, name, { scaleDownDelaySeconds: 600 }, { model: { envFrom } });
  const good = await app.activeRevision();
  await app.image('2.0.0');
  await app.untilActive('green');
  const bad = await app.activeRevision();
  await app.annotate(annotation, annotation === 'reject' ? bad : good);
  await app.untilActive('blue');
  await eventually(async () => !(await requests(app)).some((key) => key.endsWith(annotation)), {
    what: 'the request is removed',
  });
  return { app, good, bad };
}

const requests = async (app: App) => Object.keys((await app.get()).metadata.annotations ?? {});
const model = async (app: App, environment: string): Promise<StoredObject<Deployment>> =>
  (await app.deployments(environment)).find(({ metadata }) =>
    metadata.name.includes('-model-'),
  ) as StoredObject<Deployment>;
const templateHash = async (app: App, environment: string) =>
  (await model(app, environment)).spec.template.metadata.annotations[REFERENCES_HASH];
const rolledOut = async (app: App, environment: string) => {
  const { metadata, spec, status } = await model(app, environment);
  return (
    status?.observedGeneration === metadata.generation &&
    status?.updatedReplicas === spec.replicas &&
    status?.replicas === spec.replicas
  );
};

/** The pods of the active environment are replaced in place, and nothing is released. */
async function restartsInPlace(app: App, change: () => Promise<unknown>): Promise<void> {
  const before = await app.status();
  const mark = await world.cluster.auditMark();
  const hash = await templateHash(app, 'blue');
  await change();
  await eventually(async () => (await templateHash(app, 'blue')) !== hash, { what: 'the pods get the new content' });
  await eventually(() => rolledOut(app, 'blue'), { what: 'the pods are replaced' });
  const after = await app.until('it is ready', ({ phase }) => phase === 'Ready');
  expect(after.release).toBeUndefined();
  expect(after.history).toEqual(before.history);
  expect(after.activeEnvironment).toBe('blue');
  const writes = await world.operatorWrites(mark);
  expect(writes.filter((write) => /controllerrevisions|services/.test(write))).toEqual([]);
}

describe.each(['reject', 'rollback-to'] as const)('a version that was taken back by %s', (annotation) => {
  test(
    'does not come back when a Secret is rotated, annotations are pruned or a ConfigMap is edited, but when a user lets it go',
    async () => {
      const name = `by-${annotation}`;
      const { app, good, bad } = await takenBack(name, annotation);
      await restartsInPlace(app, () => world.apply(sourceOf('Secret', `${name}-db`, 'two')));
      // The pods that are kept for a way back get it as well.
      expect(await templateHash(app, 'green')).toBe(await templateHash(app, 'blue'));

      // What a GitOps tool does that replaces objects.
      const { metadata, spec, apiVersion, kind } = await app.get();
      const { namespace, finalizers } = metadata;
      const written = { apiVersion, kind, metadata: { name, namespace, finalizers }, spec };
      const { exitCode } = await world.cluster.kubectl(['replace', '-f', '-'], { input: JSON.stringify(written) });
      expect(exitCode).toBe(0);
      await world.apply(sourceOf('ConfigMap', `${name}-settings`, 'two'));
      const status = await app.until(
        'the active version has the new configuration',
        ({ history, release }) =>
          !release &&
          history?.[0]?.result === 'Promoted' &&
          history[0].revision !== good &&
          history[0].revision !== bad,
      );
      const active = await app.activeRevision();
      expect(versionOf(active)).toBe(versionOf(good));
      expect(active).not.toBe(good);
      expect(status.environments?.find(({ role }) => role === 'active')?.image).toMatch(/:1\.0\.0$/);

      await app.annotate('retry', status.requestedRevision);
      await app.until('the spec is released', ({ environments, release }) =>
        Boolean(!release && environments?.some(({ role, image }) => role === 'active' && image.endsWith(':2.0.0'))),
      );
      expect((await requests(app)).filter((key) => key.startsWith('restapi.dev/'))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

test(
  'an upgrade that renders other pods rolls them out in place; another default releases nothing',
  async () => {
    const { app, good } = await takenBack('upgraded', 'reject');
    const before = await app.status();
    await operator.stop();
    // As an older operator rendered it, for which a field of the view had no default.
    const patch = JSON.stringify({ spec: { template: { spec: { terminationGracePeriodSeconds: 45 } } } });
    await world.kubectl('patch', 'deployment', 'upgraded-model-blue', '-p', patch);
    await app.patch({ view: { probes: {} } });
    operator = await world.startOperator();
    const rendered = async () => JSON.stringify((await model(app, 'blue')).spec.template);
    await eventually(async () => (await rendered()).includes('"terminationGracePeriodSeconds":30'), {
      what: 'the pods are rolled out',
    });
    await eventually(() => rolledOut(app, 'blue'), { what: 'the pods are replaced' });
    const after = await app.until('it is ready', ({ phase }) => phase === 'Ready');
    expect(await app.activeRevision()).toBe(good);
    expect(after.history).toEqual(before.history);
    expect(after.requestedRevision).toBe(before.requestedRevision);
    expect(after.conditions).toContainEqual(expect.objectContaining({ type: 'Aborted', reason: 'Rejected' }));
  },
  TIMEOUT_MS,
);
