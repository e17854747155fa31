import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonSchema, type StoredObject, schemaOf } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';
import { volume } from '../support/volume.ts';
import { ACCEPTED, GatewayController } from './gateway-controller.ts';

let world: OperatorCluster;
let gateways: GatewayController;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.installGatewayApi();
  await world.installPodMonitors();
  gateways = new GatewayController(world.cluster, ACCEPTED);
  await world.startOperator();
  await world.apply(...volume('manual'));
  await world.kubectl('create', 'serviceaccount', 'theirs');
  await world.apply(sample('shop', { replicas: 2 }));
  await settled();
});
afterAll(async () => {
  await gateways?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const settled = () =>
  eventually(async () => {
    const api = (await world.restapi('shop')) as StoredObject<RestAPI>;
    return api.status?.phase === 'Ready' && api.status.observedGeneration === api.metadata.generation;
  });

const generations = async () =>
  new Map((await world.list('deployments')).map(({ metadata }) => [metadata.name, metadata.generation]));

const ALL = ['model', 'view', 'controller', 'repository'];
const each = (kind: string) => ALL.map((component) => `patch ${kind} shop-${component}`);

/** What a change of a field must write, and which Deployments it must roll out anew or scale; everything else stays as it is. */
const CHANGES: [field: string, spec: object, writes: string[], rolled: string[]][] = [
  ['image', { image: 'registry.example.com/shop:2' }, each('deployments'), ALL],
  ['replicas', { replicas: 3 }, each('deployments'), ALL],
  [
    'replicas to 1',
    { replicas: 1 },
    [...each('deployments'), ...each('poddisruptionbudgets').map((w) => w.replace('patch', 'delete'))],
    ALL,
  ],
  ['minReadySeconds', { minReadySeconds: 1 }, each('deployments'), ALL],
  ['minReadySeconds to 0', { minReadySeconds: 0 }, each('deployments'), ALL],
  ['envVars', { envVars: { NEW: '1' } }, ['patch configmaps shop-env', ...each('deployments')], ALL],
  ['model.image', { model: { image: 'registry.example.com/model:1' } }, ['patch deployments shop-model'], ['model']],
  ['model.imagePullPolicy', { model: { imagePullPolicy: 'Always' } }, ['patch deployments shop-model'], ['model']],
  ['healthCheck.path', { healthCheck: { path: '/healthz' } }, each('deployments'), ALL],
  ['healthCheck.port', { healthCheck: { port: 9000 } }, each('deployments'), ALL],
  ['healthCheck.liveness', { healthCheck: { liveness: { periodSeconds: 15 } } }, each('deployments'), ALL],
  ['healthCheck.readiness', { healthCheck: { readiness: { timeoutSeconds: 2 } } }, each('deployments'), ALL],
  ['healthCheck.startup', { healthCheck: { startup: {} } }, each('deployments'), ALL],
  [
    'healthCheck.healing',
    {
      healthCheck: {
        healing: {
          enabled: false,
          restartPods: 'Stuck',
          restartComponents: true,
          rollback: true,
          rollbackWindowSeconds: 600,
          maxActions: 1,
          windowSeconds: 60,
          stuckSeconds: 60,
        },
      },
    },
    [],
    [],
  ],
  [
    'observability.tracing',
    { observability: { tracing: { endpoint: 'http://collector:4318' } } },
    each('deployments'),
    ALL,
  ],
  [
    'observability.metrics.enabled',
    { observability: { metrics: { enabled: true } } },
    [...each('deployments'), ...each('networkpolicies'), 'patch podmonitors shop'],
    ALL,
  ],
  [
    'observability.metrics.path',
    { observability: { metrics: { path: '/m' } } },
    [...each('deployments'), 'patch podmonitors shop'],
    ALL,
  ],
  [
    'observability.metrics.port',
    { observability: { metrics: { port: 9000 } } },
    [...each('deployments'), ...each('networkpolicies'), 'patch podmonitors shop'],
    ALL,
  ],
  [
    'observability.metrics.interval',
    { observability: { metrics: { interval: '15s' } } },
    ['patch podmonitors shop'],
    [],
  ],
  [
    'observability taken out',
    { observability: null },
    [...each('deployments'), ...each('networkpolicies'), 'delete podmonitors shop'],
    ALL,
  ],
  ['healthCheck taken out', { healthCheck: null }, each('deployments'), ALL],
  ['model.command', { model: { command: ['/bin/model'] } }, ['patch deployments shop-model'], ['model']],
  ['model.args', { model: { args: ['--verbose'] } }, ['patch deployments shop-model'], ['model']],
  ['model.args taken out', { model: { args: null } }, ['patch deployments shop-model'], ['model']],
  [
    'model.replicas',
    { model: { replicas: 4 } },
    ['patch deployments shop-model', 'patch poddisruptionbudgets shop-model'],
    ['model'],
  ],
  [
    'model.resources',
    { model: { resources: { requests: { cpu: '10m' } } } },
    ['patch deployments shop-model'],
    ['model'],
  ],
  ['model.env', { model: { env: [{ name: 'A', value: 'b' }] } }, ['patch deployments shop-model'], ['model']],
  [
    'model.nodeSelector',
    { model: { nodeSelector: { 'kubernetes.io/hostname': 'node-0' } } },
    ['patch deployments shop-model'],
    ['model'],
  ],
  ['model.nodeSelector taken out', { model: { nodeSelector: null } }, ['patch deployments shop-model'], ['model']],
  [
    'model.podLabels',
    { model: { podLabels: { 'sidecar.istio.io/inject': 'true' } } },
    ['patch deployments shop-model'],
    ['model'],
  ],
  [
    'model.podAnnotations',
    { model: { podAnnotations: { 'example.com/a': 'b c' } } },
    ['patch deployments shop-model'],
    ['model'],
  ],
  [
    'model.terminationGracePeriodSeconds',
    { model: { terminationGracePeriodSeconds: 15 } },
    ['patch deployments shop-model'],
    ['model'],
  ],
  ...[
    { drainSeconds: 10 },
    { imagePullSecrets: [{ name: 'mine' }] },
    { envFrom: [{ configMapRef: { name: 'settings', optional: true, onChange: 'Ignore' } }] },
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'url', optional: true } } }] },
    { probes: { liveness: { periodSeconds: 20 } } },
    { probes: { readiness: { tcpSocket: {} } } },
    { probes: { startup: {} } },
    { probes: { liveness: { enabled: false } } },
    { probes: null },
    { tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
    {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
          ],
        },
      },
    },
    { topologySpread: [{ topologyKey: 'kubernetes.io/hostname' }] },
    { securityContext: { runAsUser: 1000, fsGroup: 1000, readOnlyRootFilesystem: true } },
    { securityContext: { runAsGroup: 1000, supplementalGroups: [2000] } },
    { securityContext: { readOnlyRootFilesystem: null, bindLowPorts: true } },
    { securityContext: { appArmorProfile: 'RuntimeDefault' } },
    { securityContext: { appArmorProfile: null } },
    { serviceAccountName: 'theirs' },
    { serviceAccountName: null },
  ].map((change): [string, object, string[], string[]] => [
    `model: ${JSON.stringify(change)}`,
    { model: change },
    ['patch deployments shop-model'],
    ['model'],
  ]),
  [
    'imagePullSecrets, which the model has its own of',
    { imagePullSecrets: [{ name: 'ours' }] },
    ['view', 'controller', 'repository'].map((component) => `patch deployments shop-${component}`),
    ['view', 'controller', 'repository'],
  ],
  [
    'repository.storage',
    { repository: { storage: { storageClassName: 'manual' } } },
    ['patch persistentvolumeclaims shop-repository', 'patch deployments shop-repository'],
    ['repository'],
  ],
  [
    'repository.storage.mountPath',
    { repository: { storage: { mountPath: '/var/lib/shop' } } },
    ['patch deployments shop-repository'],
    ['repository'],
  ],
  [
    'repository.storage.size',
    { repository: { storage: { size: '2Gi' } } },
    ['patch persistentvolumeclaims shop-repository'],
    [],
  ],
  [
    'repository.storage.whenDeleted',
    { repository: { storage: { whenDeleted: 'Delete' } } },
    ['patch persistentvolumeclaims shop-repository'],
    [],
  ],
  [
    'repository.storage taken out',
    { repository: { storage: null } },
    ['delete persistentvolumeclaims shop-repository', 'patch deployments shop-repository'],
    ['repository'],
  ],
  [
    'model.service.annotations',
    { model: { service: { annotations: { 'example.com/lb': 'x' } } } },
    ['patch services shop-model'],
    [],
  ],
  ['model.service.type', { model: { service: { type: 'NodePort' } } }, ['patch services shop-model'], []],
  ['model.service.type back', { model: { service: { type: 'ClusterIP' } } }, ['patch services shop-model'], []],
  ['view.expose', { view: { expose: { host: 'shop.example.com' } } }, ['patch ingresses shop-view'], []],
  [
    'view.expose.ingressClassName',
    { view: { expose: { ingressClassName: 'nginx' } } },
    ['patch ingresses shop-view'],
    [],
  ],
  [
    'view.expose.annotations',
    { view: { expose: { annotations: { 'example.com/a': 'b' } } } },
    ['patch ingresses shop-view'],
    [],
  ],
  [
    'view.expose to a Gateway',
    { view: { expose: { ingressClassName: null, gateway: { name: 'public' } } } },
    ['patch httproutes shop-view', 'delete ingresses shop-view'],
    [],
  ],
  [
    'view.expose.gateway.sectionName',
    { view: { expose: { ingressClassName: null, gateway: { sectionName: 'https' } } } },
    ['patch httproutes shop-view'],
    [],
  ],
  [
    'view.expose back to an Ingress',
    { view: { expose: { gateway: null } } },
    ['patch ingresses shop-view', 'delete httproutes shop-view'],
    [],
  ],
  ['view.expose taken out', { view: { expose: null } }, ['delete ingresses shop-view'], []],
  // Everybody is told the model's address.
  ['model.port', { model: { port: 9090 } }, ['patch services shop-model', ...each('deployments')], ALL],
  [
    'controller.enabled',
    { controller: { enabled: false } },
    [
      ...['deployments', 'networkpolicies', 'services'].map((kind) => `delete ${kind} shop-controller`),
      // The others are no longer told its address.
      ...['model', 'view', 'repository'].map((component) => `patch deployments shop-${component}`),
    ],
    ALL,
  ],
  [
    'controller.enabled again',
    { controller: { enabled: true } },
    [...each('deployments'), ...['networkpolicies', 'services'].map((kind) => `patch ${kind} shop-controller`)],
    ALL,
  ],
];

/** Paths of all fields that a change says something of. */
function paths(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, path ? `${path}.${key}` : key))];
}

test('every field has a row', () => {
  const said = new Set(CHANGES.flatMap(([, spec]) => paths(spec)));
  const spec = schemaOf(RestAPI).properties?.spec?.properties ?? {};
  const within = (path: string, { properties = {} }: JsonSchema = {}) =>
    Object.keys(properties).map((name) => `${path}.${name}`);
  const { healthCheck, observability, model, view, repository } = spec;
  const fields = [
    ...Object.keys(spec),
    ...within('healthCheck', healthCheck),
    ...within('healthCheck.healing', healthCheck?.properties?.healing),
    ...within('observability', observability),
    ...within('observability.tracing', observability?.properties?.tracing),
    ...within('observability.metrics', observability?.properties?.metrics),
    ...within('model', model),
    ...within('model.probes', model?.properties?.probes),
    ...within('model.securityContext', model?.properties?.securityContext),
    ...within('model.service', model?.properties?.service),
    ...within('view.expose', view?.properties?.expose),
    ...within('repository.storage', repository?.properties?.storage),
  ];
  const elsewhere = [
    // Releases: test/src/blue-green.
    'blueGreen',
    // Numbers of pods: test/src/scaling.
    'autoScaling',
    // As of the controller.
    'model.enabled',
    // Cannot change: test/e2e/storage.test.ts.
    'repository.storage.storageClassName',
    'repository.storage.accessMode',
  ];
  expect(fields.filter((field) => !said.has(field) && !elsewhere.includes(field))).toEqual([]);
});

test.each(CHANGES)('a change of %s writes just what it concerns', async (_field, spec, writes, rolled) => {
  const before = await generations();
  const mark = await world.cluster.auditMark();
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify({ spec }));
  await settled();
  // An object that its own controller changes meanwhile refuses the first try, which names the version it was judged by.
  const written = async () =>
    (await world.operatorWrites(mark, true)).filter((write) => !write.includes('restapis/status'));
  await eventually(async () => (await written()).length >= writes.length, { what: writes.join() });
  await sleep(300);
  expect((await written()).sort()).toEqual([...writes].sort());
  const after = await generations();
  const changed = ALL.filter((component) => before.get(`shop-${component}`) !== after.get(`shop-${component}`));
  expect(changed).toEqual(ALL.filter((component) => rolled.includes(component)));
});

test('what was said arrives', async () => {
  expect(await world.get('deployment', 'shop-model')).toMatchObject({
    spec: {
      replicas: 4,
      template: {
        metadata: {
          labels: { 'sidecar.istio.io/inject': 'true', 'restapi.dev/component': 'model' },
          annotations: { 'example.com/a': 'b c' },
        },
        spec: {
          terminationGracePeriodSeconds: 15,
          containers: [
            {
              image: 'registry.example.com/model:1',
              imagePullPolicy: 'Always',
              command: ['/bin/model'],
              ports: [{ containerPort: 9090 }],
            },
          ],
        },
      },
    },
  });
  const text = JSON.stringify((await world.get<{ spec: object }>('deployment', 'shop-model'))?.spec);
  expect(text).not.toContain('--verbose');
  expect(text).not.toContain('nodeSelector');
  expect(await world.get('service', 'shop-model')).toMatchObject({
    metadata: { annotations: { 'example.com/lb': 'x' } },
    spec: { type: 'ClusterIP', ports: [{ port: 9090 }] },
  });
});
