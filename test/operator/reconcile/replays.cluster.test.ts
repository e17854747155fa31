import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { type Deployment, imageOf } from './workbench.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const MIRROR =
  'JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: "mirror.corp/" + ' +
  'object.spec.template.spec.containers[0].image.replace("mirror.corp/", "")}';
const COUNT =
  'JSONPatch{op: "add", path: "/metadata/annotations/policy~1count", value: has(object.metadata.annotations) && ' +
  '"policy/count" in object.metadata.annotations ? string(int(object.metadata.annotations["policy/count"]) + 1) : "1"}';
/** Each write gets another value, in a label of ours. */
const NEVER_THE_SAME =
  'JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: ' +
  'object.spec.template.spec.containers[0].image + "x" + string(size(string(object.metadata.?resourceVersion.orValue("")))) + ' +
  'object.metadata.?annotations["policy/count"].orValue("0")}';

/** A namespace in which a policy rewrites the Deployments that are written. */
async function rewriting(name: string, ...operations: string[]): Promise<void> {
  await world.kubectl('create', 'namespace', name);
  await world.kubectl('label', 'namespace', name, `${name}=yes`);
  await world.apply(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name },
      spec: {
        reinvocationPolicy: 'Never',
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { [name]: 'yes' } },
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
          ],
        },
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[${operations.join(', ')}]` } }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name },
    },
  );
  const labels = { app: 'probe' };
  const probe = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'probe', namespace: name, annotations: { probe: '' } },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'probe', image: 'probe' }] } },
    },
  });
  // The API server takes a policy up after a moment.
  await eventually(
    async () => {
      const printed = await kubectl(world.cluster, ['create', '-f', '-', '--dry-run=server', '-o', 'json'], probe);
      const image = imageOf(JSON.parse(printed));
      return image !== 'probe';
    },
    { what: `the policy ${name} to be in force` },
  );
}

const model = (namespace: string) => world.get<StoredObject<Deployment>>('deployment', `${namespace}-model`, namespace);
const eventsOf = (namespace: string) =>
  world.list<{ reason: string; type: string; note: string }>('events.events.k8s.io', '-n', namespace);
const deploymentWrites = async (mark: Awaited<ReturnType<OperatorCluster['cluster']['auditMark']>>) =>
  (await world.operatorWrites(mark)).filter((write) => write.includes(' deployments '));

test('replay 03: a field that admission rewrites is no drift: no write and no Event, also at events of pods', async () => {
  await rewriting('mirror', MIRROR);
  await world.apply(sample('mirror', {}, 'mirror'));
  await world.untilReady('mirror', { namespace: 'mirror' });
  await sleep(1_000);
  const mark = await world.cluster.auditMark();
  await world.kubectl('delete', 'pod', '-n', 'mirror', '-l', 'restapi.dev/name=mirror', '--wait=false');
  await sleep(5_000);
  await world.untilReady('mirror', { namespace: 'mirror' });
  expect(await deploymentWrites(mark)).toEqual([]);
  expect((await eventsOf('mirror')).filter(({ reason }) => reason === 'Repaired')).toEqual([]);
  expect(imageOf(await model('mirror'))).toBe('mirror.corp/registry.example.com/shop:1.0.0');

  // What somebody really changes is put back, and the Event names just that.
  await world.kubectl(
    'patch',
    'deployment',
    'mirror-model',
    '-n',
    'mirror',
    '--type=merge',
    '-p',
    '{"spec":{"replicas":3}}',
  );
  await eventually(async () => (await model('mirror'))?.spec.replicas === 1);
  const notes = await eventually(async () => {
    const repaired = (await eventsOf('mirror')).filter(({ reason }) => reason === 'Repaired');
    return repaired.length > 0 && repaired.map(({ note }) => note).join();
  });
  expect(notes).toContain('spec.replicas');
  expect(notes).not.toContain('image');

  // A new release goes through the mirror too.
  await world.kubectl(
    'patch',
    'restapi',
    'mirror',
    '-n',
    'mirror',
    '--type=merge',
    '-p',
    '{"spec":{"image":"registry.example.com/shop:2.0.0"}}',
  );
  await eventually(async () => imageOf(await model('mirror')) === 'mirror.corp/registry.example.com/shop:2.0.0');
  await world.untilReady('mirror', { namespace: 'mirror' });
  await sleep(1_000);
  const quiet = await world.cluster.auditMark();
  await sleep(5_000);
  expect(await deploymentWrites(quiet)).toEqual([]);
});

test('replay 02: a policy that changes the object on every write does not cause another write', async () => {
  await rewriting('counting', MIRROR, COUNT);
  const mark = await world.cluster.auditMark();
  await world.apply(sample('counting', {}, 'counting'));
  await world.untilReady('counting', { namespace: 'counting' });
  await sleep(10_000);
  const writes = (await deploymentWrites(mark)).filter((write) => write.endsWith('counting-model'));
  expect(writes).toHaveLength(1);
});

test('a policy that stores another value on every write is named and repaired with growing delays', async () => {
  await rewriting('restless', NEVER_THE_SAME, COUNT);
  const mark = await world.cluster.auditMark();
  await world.apply(sample('restless', {}, 'restless'));
  await eventually(async () => (await deploymentWrites(mark)).some((write) => write.endsWith('restless-model')));
  await sleep(1_000);
  // Each write of somebody else stores yet another image.
  for (let i = 0; i < 40; i++) {
    await world.kubectl('annotate', 'deployment', 'restless-model', '-n', 'restless', '--overwrite', `touched=${i}`);
    await sleep(250);
  }
  const writes = (await world.operatorWrites(mark, true)).filter(
    (write) => write === 'patch deployments restless-model',
  );
  // One to make it, three repairs, and those that the brake lets through in a quarter of a minute or so.
  expect(writes.length).toBeGreaterThan(3);
  expect(writes.length).toBeLessThan(9);
  const begun = (await eventsOf('restless')).filter(
    ({ reason, note }) => reason === 'Contended' && note.includes('model'),
  );
  expect(begun).toMatchObject([{ type: 'Warning', note: expect.stringContaining('an admission webhook or policy') }]);
  const { conditions = [] } = (await world.restapi('restless', 'restless'))?.status ?? {};
  expect(conditions.find(({ type }) => type === 'Contended')).toMatchObject({
    status: 'True',
    reason: 'ChangedByOthers',
    message: expect.stringMatching(
      /an admission webhook or policy keeps changing .*image of Deployment restless-model/,
    ),
  });
});

test('replay 01: fields that a release abandoned do not return by kubectl rollout undo', async () => {
  const v1 = {
    model: {
      args: ['--migrate', '--seed'],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      env: [
        { name: 'DEBUG', value: '1' },
        { name: 'KEEP', value: 'x' },
      ],
    },
  };
  await world.apply(sample('undone', v1));
  await world.untilReady('undone');
  const image = 'registry.example.com/shop:2.0.0';
  await world.apply(sample('undone', { image, model: { env: [{ name: 'KEEP', value: 'x' }] } }));
  await world.untilReady('undone');
  const deployment = () => world.get<StoredObject<Deployment>>('deployment', 'undone-model');
  const released = (await deployment())?.spec;
  expect(imageOf(await deployment())).toBe(image);

  await world.kubectl('rollout', 'undo', 'deployment/undone-model');
  await eventually(async () => imageOf(await deployment()) === image);
  await eventually(async () => expect((await deployment())?.spec).toEqual(released) ?? true);
  const repaired = await eventually(async () => {
    const events = await eventsOf('default');
    return events.find(({ reason, note }) => reason === 'Repaired' && note.includes('undone-model'));
  });
  expect(repaired.note).toContain('args');

  // The next release does not carry them either, and what others may set by the same tool stays.
  await world.kubectl('rollout', 'restart', 'deployment/undone-model');
  await world.kubectl(
    'patch',
    'restapi',
    'undone',
    '--type=merge',
    '-p',
    '{"spec":{"image":"registry.example.com/shop:3.0.0"}}',
  );
  await eventually(async () => imageOf(await deployment()) === 'registry.example.com/shop:3.0.0');
  await world.untilReady('undone');
  const text = JSON.stringify((await deployment())?.spec.template);
  for (const gone of ['--migrate', 'nodeSelector', 'DEBUG']) expect(text).not.toContain(gone);
  expect(text).toContain('kubectl.kubernetes.io/restartedAt');
  await world.untilQuiet();
});
