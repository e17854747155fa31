import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type RestAPI } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { GENERATED_KINDS, OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';

const NAMESPACE = 'restricted';
const LEVELS = ['enforce', 'warn', 'audit'].flatMap((mode) => [
  [`pod-security.kubernetes.io/${mode}`, 'restricted'],
  [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
]);
const AMOUNTS = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '16Mi' };

/** Every setting of a component. */
const SAID = {
  enabled: true,
  image: 'registry.example.com/shop:2',
  imagePullPolicy: 'Always',
  command: ['/bin/shop'],
  args: ['--verbose'],
  replicas: 2,
  env: [{ name: 'THEME', value: 'light' }],
  resources: { requests: AMOUNTS, limits: AMOUNTS },
  service: { type: 'NodePort', annotations: { 'example.com/a': 'b' } },
  nodeSelector: { 'kubernetes.io/hostname': 'node-0' },
  podLabels: { 'example.com/c': 'd' },
  podAnnotations: { 'example.com/e': 'f' },
  terminationGracePeriodSeconds: 15,
  drainSeconds: 10,
  imagePullSecrets: [{ name: 'registry' }],
  envFrom: [{ secretRef: { name: 'db', optional: true } }],
  probes: { liveness: { exec: { command: ['true'] } }, startup: {} },
  tolerations: [{ operator: 'Exists' }],
  topologySpread: [{ topologyKey: 'kubernetes.io/hostname' }],
  securityContext: {
    runAsUser: 10_001,
    runAsGroup: 10_001,
    fsGroup: 10_001,
    supplementalGroups: [10_002],
    readOnlyRootFilesystem: true,
    bindLowPorts: true,
    appArmorProfile: 'RuntimeDefault',
  },
};
const STORAGE = { storageClassName: 'manual', accessMode: 'ReadWriteMany' };
const EXPOSE = { host: 'shop.example.com', ingressClassName: 'nginx', annotations: { 'example.com/g': 'h' } };

type Child = StoredObject & { spec: { template: { spec: { securityContext: object } } } };

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  const labels = Object.fromEntries(LEVELS);
  await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } });
  await world.startOperator();
  const components = COMPONENTS.map((name, index) => [name, { ...SAID, port: 9000 + index }]);
  await world.apply(...volume('manual'));
  const { view, repository, ...others } = Object.fromEntries(components);
  const exposed = { ...view, expose: EXPOSE };
  const spec = { replicas: 1, ...others, view: exposed, repository: { ...repository, storage: STORAGE } };
  await world.apply({ ...sample('shop', spec), metadata: { name: 'shop', namespace: NAMESPACE } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Dry-runs the creation of copies of objects and returns the warnings of kubectl. */
async function warnings(objects: Child[]): Promise<string> {
  const items = objects.map(({ apiVersion, kind, metadata: { name, labels, annotations }, ...rest }) => {
    const { status: _, ...content } = rest as { status?: unknown };
    return { apiVersion, kind, metadata: { name: `${name}-copy`, labels, annotations }, ...content };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { stderr } = await world.cluster.kubectl(['create', '--dry-run=server', '-n', NAMESPACE, '-f', '-'], { input });
  return stderr;
}

test('a RestAPI with every setting becomes Ready under Pod Security `restricted`', async () => {
  const phase = async () => ((await world.restapi('shop', NAMESPACE)) as StoredObject<RestAPI>).status?.phase;
  await eventually(async () => (await phase()) === 'Ready', { what: 'shop is Ready' });
  expect(await world.list('pods', '-n', NAMESPACE)).toHaveLength(8);
  const violations = (await world.cluster.auditEvents()).flatMap(({ annotations, objectRef }) => {
    const violation = annotations?.['pod-security.kubernetes.io/audit-violations'];
    return violation ? [`${objectRef?.resource} ${objectRef?.name}: ${violation}`] : [];
  });
  expect(violations).toEqual([]);
});

test('the API server has no warnings about generated objects', async () => {
  // A copy of a Service would request the same cluster IP, which is taken.
  const kinds = GENERATED_KINDS.replace('services,', '');
  const children = await world.list<Child>(kinds, '-n', NAMESPACE, '-l', 'restapi.dev/name=shop');
  expect(children).toHaveLength(16);
  expect(await warnings(children)).toBe('');
});

test('the API server warns about a Deployment that lacks one of the settings', async () => {
  const [deployment] = await world.list<Child>('deployments', '-n', NAMESPACE);
  for (const setting of ['runAsNonRoot', 'seccompProfile']) {
    const broken = structuredClone(deployment) as Child;
    broken.spec.template.spec.securityContext = { ...broken.spec.template.spec.securityContext, [setting]: undefined };
    expect(await warnings([broken])).toContain('would violate PodSecurity "restricted:latest"');
  }
});
