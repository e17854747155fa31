import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { generatedFor, type StoredObject, withDefaults } from '../../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI, revisionOf } from '../../../resources/index.ts';

const PORTS = { model: 8080, view: 3000, controller: 8081, repository: 8082 };
const AMOUNTS = { cpu: '100m', memory: '64Mi' };

/** A RestAPI as the API server stores it, with all defaults. */
function stored(spec: object, components: Partial<Record<ComponentName, object>> = {}): StoredObject<RestAPI> {
  const component = (name: ComponentName) => ({
    enabled: true,
    port: PORTS[name],
    resources: { requests: AMOUNTS, limits: AMOUNTS },
    service: { type: 'ClusterIP' },
    terminationGracePeriodSeconds: 30,
    drainSeconds: 5,
    ...components[name],
  });
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { name: 'shop', namespace: 'default', uid: 'uid-of-shop', resourceVersion: '1' },
    spec: {
      replicas: 1,
      minReadySeconds: 10,
      ...spec,
      ...Object.fromEntries(COMPONENTS.map((name) => [name, component(name)])),
    },
  } as unknown as StoredObject<RestAPI>;
}

function generated(api: StoredObject<RestAPI>, kind?: string): string {
  return generatedFor(RestAPI, api, undefined, 'restapi-operator')
    .filter(({ object }) => kind === undefined || object.kind === kind)
    .map(({ object }) => stringify(JSON.parse(JSON.stringify(object)), { aliasDuplicateObjects: false }))
    .join('---\n');
}

// A changed pod template makes every application roll out when the operator is upgraded. If a change of these files is
// intended, add it to the changelog; `npx vitest run test/golden -u` updates them. (Before the path, -u would take the
// path as its value and run all tests.)
test('a spec generates the same objects as in the last release', async () => {
  await expect(generated(stored({ image: 'registry.example.com/shop:1.0.0' }))).toMatchFileSnapshot('plain.yaml');
  const everything = stored(
    {
      image: 'registry.example.com/shop:1.0.0',
      replicas: 2,
      envVars: { LOG_LEVEL: 'info' },
      autoScaling: {
        enabled: true,
        model: {
          enabled: true,
          minReplicas: 0,
          maxReplicas: 10,
          targetMemoryUtilizationPercentage: 80,
          metrics: [
            { type: 'Pods', name: 'requests', averageValue: '100' },
            { type: 'External', name: 'queue', value: 30, matchLabels: { topic: 'orders' } },
            {
              type: 'Object',
              name: 'hits',
              object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
              averageValue: '10k',
            },
          ],
          behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
        },
        view: { enabled: true, minReplicas: 1, maxReplicas: 5 },
        controller: { enabled: true, minReplicas: 2, maxReplicas: 20 },
        repository: { enabled: false, minReplicas: 1, maxReplicas: 8 },
      },
    },
    {
      model: {
        image: 'registry.example.com/model:2',
        imagePullPolicy: 'Always',
        command: ['/bin/model'],
        args: ['--verbose'],
        replicas: 4,
        imagePullSecrets: [{ name: 'registry' }],
        env: [
          { name: 'THEME', value: 'light' },
          { name: 'PASSWORD', value: '', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
        ],
        envFrom: [{ prefix: 'DB_', configMapRef: { name: 'db', optional: true } }],
        probes: {
          liveness: { enabled: true, tcpSocket: {}, periodSeconds: 20 },
          readiness: { enabled: true, httpGet: { path: '/ready', scheme: 'HTTPS' }, successThreshold: 2 },
          startup: { enabled: true },
        },
        tolerations: [{ key: 'dedicated', operator: 'Exists' }],
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
          },
        },
        topologySpread: [
          { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
        securityContext: { runAsUser: 1000, fsGroup: 2000, readOnlyRootFilesystem: true, bindLowPorts: true },
        serviceAccountName: 'shop',
        service: { type: 'NodePort', annotations: { 'example.com/a': 'b' } },
        nodeSelector: { disk: 'ssd' },
        podLabels: { 'sidecar.istio.io/inject': 'true' },
        podAnnotations: { 'example.com/c': 'd' },
        terminationGracePeriodSeconds: 15,
        drainSeconds: 10,
      },
      view: { expose: { host: 'shop.example.com', ingressClassName: 'nginx', annotations: { 'example.com/e': 'f' } } },
      controller: { enabled: false },
      repository: {
        replicas: 1,
        storage: { size: '10Gi', accessMode: 'ReadWriteOnce', mountPath: '/data', whenDeleted: 'Retain' },
      },
    },
  );
  await expect(generated(everything)).toMatchFileSnapshot('everything.yaml');
  const observability = {
    tracing: { endpoint: 'http://collector.observability:4318' },
    metrics: { enabled: true, port: 9000, interval: '30s' },
  };
  const observed = stored({ image: 'registry.example.com/shop:1.0.0', observability });
  await expect(generated(observed, 'PodMonitor')).toMatchFileSnapshot('pod-monitor.yaml');
  await expect(generated(observed, 'Deployment')).toMatchFileSnapshot('observed-deployments.yaml');
  const gateway = { name: 'public', namespace: 'infra', sectionName: 'https' };
  const routed = stored(
    { image: 'registry.example.com/shop:1.0.0' },
    { view: { expose: { host: 'shop.example.com', gateway, annotations: { 'example.com/e': 'f' } } } },
  );
  await expect(generated(routed, 'HTTPRoute')).toMatchFileSnapshot('gateway.yaml');
  expect(generated(routed, 'Ingress')).toBe('');
});

// Revisions are named after pod templates, so a default that is filled in must be the one that was stored.
test('a RestAPI without any setting generates what its defaults, written out, generate', async () => {
  const minimal = {
    ...stored({}),
    spec: { image: 'registry.example.com/shop:1.0.0' },
  } as unknown as StoredObject<RestAPI>;
  const amounts = (cpu: string, memory: string, maxCpu: string, maxMemory: string) => ({
    requests: { cpu, memory },
    limits: { cpu: maxCpu, memory: maxMemory },
  });
  const repository = amounts('100m', '256Mi', '500m', '512Mi');
  const written = stored(
    { image: 'registry.example.com/shop:1.0.0' },
    {
      model: { resources: amounts('250m', '256Mi', '2', '512Mi') },
      view: { resources: amounts('100m', '512Mi', '500m', '1Gi') },
      controller: { resources: amounts('200m', '256Mi', '1', '512Mi') },
      repository: {
        resources: {
          requests: { ...repository.requests, 'ephemeral-storage': '1Gi' },
          limits: { ...repository.limits, 'ephemeral-storage': '2Gi' },
        },
      },
    },
  );
  const read = withDefaults(RestAPI, minimal);
  expect(generated(read)).toBe(generated(written));
  expect(revisionOf(read, {}).name).toBe(revisionOf(written, {}).name);
});
