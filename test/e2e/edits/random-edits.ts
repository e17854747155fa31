import { COMPONENTS } from '../../../resources/api/component-name.ts';
import type { Random } from './random.ts';

/** A spec as its author writes it, without defaults. */
export type Spec = Record<string, unknown>;

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGES = ['shop:1.0.0', 'shop:2.0.0', 'shop', `shop@${DIGEST}`].map((image) => `registry.example.com/${image}`);

/** A ConfigMap that exists. */
export const CONFIG_MAP = 'present';

/** Values of the fields of every component; undefined: left out. Pods with any of them become ready. */
const OF_COMPONENT: Record<string, readonly unknown[]> = {
  image: [undefined, ...IMAGES],
  imagePullPolicy: [undefined, undefined, 'Always', 'IfNotPresent'],
  imagePullSecrets: [undefined, [{ name: 'registry' }], []],
  replicas: [undefined, 1, 2],
  resources: [undefined, {}, { limits: { memory: '1Gi' } }, { requests: { cpu: '10m' }, limits: { cpu: '1' } }],
  command: [undefined, ['/bin/shop'], ['/bin/shop', '-v']],
  args: [undefined, ['--verbose']],
  env: [
    undefined,
    [{ name: 'A', value: '1' }],
    [
      { name: 'B', value: '2' },
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'absent', key: 'a', optional: true } } },
    ],
    [{ name: 'A' }],
  ],
  envFrom: [
    undefined,
    [{ prefix: 'P_', configMapRef: { name: 'absent', optional: true } }],
    [{ configMapRef: { name: CONFIG_MAP } }],
    [{ configMapRef: { name: CONFIG_MAP, onChange: 'Restart' } }],
  ],
  probes: [
    undefined,
    {},
    { liveness: { httpGet: { path: '/live', scheme: 'HTTPS' } } },
    { liveness: { tcpSocket: {} }, startup: {} },
    { liveness: { exec: { command: ['true'] }, timeoutSeconds: 3 }, readiness: { enabled: false } },
    { readiness: { grpc: { service: 'shop' }, successThreshold: 2 }, startup: { periodSeconds: 3 } },
  ],
  service: [undefined, {}, { type: 'NodePort' }, { type: 'LoadBalancer' }, { annotations: { 'example.com/a': 'b' } }],
  tolerations: [
    undefined,
    [{ key: 'dedicated', operator: 'Exists' }],
    [{ key: 'team', value: 'a', effect: 'NoExecute' }],
  ],
  affinity: [
    undefined,
    {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
        ],
      },
    },
  ],
  topologySpread: [
    undefined,
    [{ topologyKey: 'kubernetes.io/hostname' }],
    [{ topologyKey: 'topology.kubernetes.io/zone', maxSkew: 2 }],
  ],
  securityContext: [
    undefined,
    {},
    { runAsUser: 1000, fsGroup: 2000, supplementalGroups: [3000] },
    { readOnlyRootFilesystem: true, bindLowPorts: true },
  ],
  serviceAccountName: [undefined, undefined, 'default'],
  podLabels: [undefined, { team: 'a' }, { team: 'b', tier: 'c' }],
  podAnnotations: [undefined, { 'example.com/a': '1' }, { 'prometheus.io/path': '/own' }],
  terminationGracePeriodSeconds: [undefined, 10, 60],
  drainSeconds: [undefined, 0, 3],
};

const PORTS = {
  model: [undefined, 9080],
  view: [undefined, 9000],
  controller: [undefined, 9081],
  repository: [undefined],
};

const OF_SPEC: Record<string, readonly unknown[]> = {
  image: IMAGES,
  imagePullSecrets: [undefined, [{ name: 'registry' }, { name: 'other' }]],
  replicas: [undefined, 1, 2, 3],
  minReadySeconds: [0, 0, 1],
  envVars: [undefined, { A: '1' }, { A: '2', LOG_LEVEL: 'debug' }],
  autoScaling: [
    undefined,
    undefined,
    {},
    { enabled: false, model: { maxReplicas: 3 } },
    { view: { minReplicas: 2, maxReplicas: 4, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } } },
    {
      view: { behavior: { scaleUp: { selectPolicy: 'Min' } }, targetMemoryUtilizationPercentage: 80 },
      model: { enabled: false },
    },
    {
      controller: { metrics: [{ type: 'Pods', name: 'requests', averageValue: '100' }] },
      repository: { enabled: false },
    },
  ],
  healthCheck: [
    undefined,
    {},
    { path: '/up', port: 9999, startup: { periodSeconds: 2 } },
    { liveness: { enabled: false }, readiness: { timeoutSeconds: 4 } },
    { healing: { restartPods: 'Never' }, startup: {} },
  ],
  observability: [
    undefined,
    {},
    { metrics: {} },
    { metrics: { port: 9100, path: '/m' }, tracing: { endpoint: 'http://collector:4318' } },
    { metrics: { enabled: false } },
  ],
  blueGreen: [
    undefined,
    undefined,
    { enabled: false, revisionHistoryLimit: 3 },
    { enabled: true, scaleDownDelaySeconds: 0 },
    { enabled: true, scaleDownDelaySeconds: 1, autoPromotion: { seconds: 1 } },
  ],
};

const EXPOSE = [
  undefined,
  { host: 'shop.example.com' },
  { host: 'shop.example.com', ingressClassName: 'nginx', annotations: { 'example.com/a': '1' } },
  { host: '*.example.com', ingressClassName: 'other' },
];
/** The class of the volumes that a sequence finds. */
export const STORAGE_CLASS = 'edits';

const SHARED = { accessMode: 'ReadWriteMany', storageClassName: STORAGE_CLASS };
const STORAGE = [undefined, SHARED, { ...SHARED, mountPath: '/var/shop' }];

/** The spec that a sequence begins with. */
export const FIRST: Spec = { image: IMAGES[0], minReadySeconds: 0 };

/** Changes one field of a spec, at random. @returns the new spec, and what was changed */
export function randomEdit(spec: Spec, random: Random): { spec: Spec; what: string } {
  const where = random.next();
  if (where < 0.4) {
    const field = random.of(Object.keys(OF_SPEC));
    return edited(spec, [field], random.of(OF_SPEC[field] ?? []));
  }
  if (where < 0.5) return edited(spec, ['view', 'expose'], random.of(EXPOSE));
  if (where < 0.55) return edited(spec, ['repository', 'storage'], random.of(STORAGE));
  if (where < 0.65) {
    // Those behind them stay, so one is always enabled.
    return edited(spec, [random.of(['view', 'controller']), 'enabled'], random.of([undefined, false]));
  }
  const component = random.of(COMPONENTS);
  if (where < 0.7) return edited(spec, [component, 'port'], random.of(PORTS[component]));
  const field = random.of(Object.keys(OF_COMPONENT));
  return edited(spec, [component, field], random.of(OF_COMPONENT[field] ?? []));
}

function edited(spec: Spec, path: [string, ...string[]], value: unknown): { spec: Spec; what: string } {
  return { spec: withValue(spec, path, value), what: `${path.join('.')}=${JSON.stringify(value)}` };
}

/** Without objects that become empty, as an author would leave them out. */
function withValue(spec: Spec, [field, ...rest]: string[], value: unknown): Spec {
  const { [field as string]: before, ...others } = spec;
  const after = rest.length === 0 ? value : withValue((before ?? {}) as Spec, rest, value);
  const gone = after === undefined || (rest.length > 0 && Object.keys(after as object).length === 0);
  return gone ? others : { ...others, [field as string]: after };
}
