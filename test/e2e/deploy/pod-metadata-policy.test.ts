import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPONENTS } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

/** A namespace whose platform team allows some keys. */
const AGREED = 'agreed';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  const annotations = {
    'restapi.dev/pod-labels': 'team, example.com/',
    'restapi.dev/pod-annotations': ' logs.example.com/,sidecar.istio.io/inject ,',
  };
  await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: AGREED, annotations } });
  for (const namespace of ['default', AGREED]) {
    const create = (...words: string[]) => world.kubectl('create', '-n', namespace, ...words);
    await create('role', 'restapi-author', '--verb=get,create,patch', '--resource=restapis.restapi.dev');
    for (const user of ['author', 'builder']) {
      await create('rolebinding', user, '--role=restapi-author', `--user=${user}`);
    }
    await create('role', 'builder', '--verb=create', '--resource=pods');
    await create('rolebinding', 'pods', '--role=builder', '--user=builder');
  }
  // The policy takes effect shortly after its creation.
  await eventually(async () => (await tryAs('author', labelled({ app: 'payments' }))).includes('denied'));
  await eventually(async () => (await tryAs('builder', labelled({ app: 'payments' }))).includes('serverside-applied'));
});
afterAll(() => world?.[Symbol.asyncDispose]());

const labelled = (podLabels: object, component = 'model') => sample('tried', { [component]: { podLabels } });
const annotated = (podAnnotations: object, component = 'model') => sample('tried', { [component]: { podAnnotations } });

/** Output of kubectl when a user applies an object as a dry run. */
async function tryAs(user: string, object: object, namespace = 'default'): Promise<string> {
  const { metadata } = object as { metadata: object };
  const { stdout, stderr } = await world.cluster.kubectl(
    ['apply', '--server-side', '--dry-run=server', `--as=${user}`, '-f', '-'],
    { input: JSON.stringify({ ...object, metadata: { ...metadata, namespace } }) },
  );
  return stdout + stderr;
}

const refusal = (what: string, key: string, namespace: string, annotation: string) =>
  `you may not use the ${what} ${key} in pod${what === 'label' ? 'Labels' : 'Annotations'} of a RestAPI: this requires ` +
  `permission to create pods in namespace ${namespace}, or the key in the annotation ${annotation} of that namespace`;

test.each(COMPONENTS)(
  'S3: a label of the %s leads no traffic of others to authors who may not create pods',
  async (component) => {
    expect(await tryAs('author', labelled({ app: 'payments' }, component))).toContain(
      refusal('label', 'app', 'default', 'restapi.dev/pod-labels'),
    );
    expect(await tryAs('builder', labelled({ app: 'payments' }, component))).toContain('serverside-applied');
  },
);

test.each([
  ['a mesh', 'sidecar.istio.io/userVolume'],
  ['a mesh', 'config.linkerd.io/proxy-image'],
  ['the identity in a cloud', 'iam.amazonaws.com/role'],
  ['networks', 'k8s.v1.cni.cncf.io/networks'],
  ['Secrets', 'vault.hashicorp.com/agent-inject-secret-db'],
  ['a container runtime', 'io.kubernetes.cri-o.userns-mode'],
])('S2: %s is not for authors who may not create pods: %s', async (_what, key) => {
  for (const component of COMPONENTS) {
    expect(await tryAs('author', annotated({ [key]: 'x' }, component))).toContain(
      refusal('annotation', key, 'default', 'restapi.dev/pod-annotations'),
    );
  }
  expect(await tryAs('builder', annotated({ [key]: 'x' }))).toContain('serverside-applied');
});

test('S2: annotations cannot set profiles of AppArmor and seccomp', async () => {
  for (const prefix of [
    'container.apparmor.security.beta',
    'container.seccomp.security.alpha',
    'seccomp.security.alpha',
  ]) {
    const key = `${prefix}.kubernetes.io/model`;
    for (const user of ['author', 'builder']) {
      expect(await tryAs(user, annotated({ [key]: 'unconfined' }))).toContain(
        `${key} is not allowed, as pods always run`,
      );
    }
  }
});

test('S3: podLabels cannot set labels by which generated objects are found', async () => {
  for (const key of ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'restapi.dev/traffic']) {
    expect(await tryAs('builder', labelled({ [key]: 'prometheus' }))).toContain(`${key} is reserved for the operator`);
  }
});

test('the annotations of a namespace allow keys and prefixes, in that namespace only', async () => {
  const accepted = [
    labelled({ team: 'a', 'example.com/b': 'c' }),
    annotated({ 'logs.example.com/format': 'json', 'sidecar.istio.io/inject': 'true' }),
  ];
  for (const object of accepted) {
    expect(await tryAs('author', object, AGREED)).toContain('serverside-applied');
    expect(await tryAs('author', object)).toContain('denied');
  }
  const refused: [object, string][] = [
    [labelled({ team: 'a', teams: 'a' }), 'label teams'],
    [labelled({ 'example.com.evil.org/b': 'c' }), 'label example.com.evil.org/b'],
    [labelled({ 'sidecar.istio.io/inject': 'true' }), 'label sidecar.istio.io/inject'],
    [
      annotated({ 'sidecar.istio.io/inject': 'true', 'sidecar.istio.io/proxyImage': 'x' }),
      'sidecar.istio.io/proxyImage',
    ],
    [annotated({ team: 'a' }), 'annotation team'],
  ];
  for (const [object, key] of refused) expect(await tryAs('author', object, AGREED)).toContain(key);
});

test('an asterisk allows any key but those that are always refused', async () => {
  await world.kubectl('annotate', 'namespace', AGREED, '--overwrite', 'restapi.dev/pod-labels=*');
  await eventually(async () => (await tryAs('author', labelled({ app: 'x' }), AGREED)).includes('serverside-applied'));
  expect(await tryAs('author', labelled({ 'restapi.dev/name': 'x' }), AGREED)).toContain('reserved for the operator');
  expect(await tryAs('author', annotated({ app: 'x' }), AGREED)).toContain('denied');
});

test('an author who may not use the labels of a RestAPI cannot change its image, and may remove them', async () => {
  await world.apply(sample('given', { model: { podLabels: { app: 'payments' } } }));
  const merge = (spec: object, metadata: object = {}) =>
    world.cluster.kubectl([
      ...['patch', 'restapi', 'given', '--as=author', '--type=merge', '-p'],
      JSON.stringify({ metadata, spec }),
    ]);
  expect((await merge({ image: 'registry.example.com/theirs:1' })).stderr).toContain('you may not use the label app');
  expect((await merge({}, { annotations: { look: 'here' } })).exitCode).toBe(0);
  expect((await merge({ model: { podLabels: null } })).exitCode).toBe(0);
  expect((await merge({ image: 'registry.example.com/theirs:1' })).exitCode).toBe(0);
});
