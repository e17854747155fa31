import { expect, test } from 'vitest';
import {
  ComponentNetworkPolicy,
  type Decision,
  type Environment,
  MetricsMonitor,
  plainDecision,
  RestAPI,
  revisionOf,
  scrapingNamespaces,
} from '../../resources/index.ts';
import { type PodTemplate, podTemplate } from '../../resources/templates/pod-template.ts';
import { versionOf } from '../../resources/templates/telemetry-variables.ts';

const PORTS = { model: 8080, view: 3000, controller: 8081, repository: 8082 };

function api(observability?: object, spec: object = {}, model: object = {}): RestAPI {
  const components = Object.fromEntries(
    Object.entries(PORTS).map(([name, port]) => [name, { enabled: true, port, ...(name === 'model' && model) }]),
  );
  const metadata = { name: 'shop', namespace: 'prod' };
  return Object.assign(new RestAPI(), {
    metadata,
    spec: { image: 'registry:5000/shop:1.2.0', replicas: 1, ...components, observability, ...spec },
  }) as RestAPI;
}

function container(of: RestAPI, name: Environment['name'] = 'main') {
  const template = podTemplate({ name, api: of, replicas: {}, referenceHashes: {} }, 'model');
  const { containers } = template.spec as {
    containers: { env: { name: string; value?: string }[]; ports: object[] }[];
  };
  return { template, ...(containers[0] as (typeof containers)[0]) };
}
const variables = (of: RestAPI, name?: Environment['name']) =>
  Object.fromEntries(container(of, name).env.map((variable) => [variable.name, variable.value]));
const scraped = ({ metadata }: PodTemplate) =>
  Object.fromEntries(Object.entries(metadata.annotations).filter(([key]) => key.startsWith('prometheus.io/')));

const TRACED = { tracing: { endpoint: 'http://collector:4318' } };

test('tracing sets the variables of the OpenTelemetry SDK', () => {
  const given = variables(api(TRACED), 'green');
  expect(given).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_SERVICE_NAME: 'shop-model',
  });
  expect(given.OTEL_RESOURCE_ATTRIBUTES?.split(',')).toEqual([
    'service.namespace=shop',
    'service.version=1.2.0',
    'k8s.namespace.name=prod',
    'k8s.deployment.name=shop-model-green',
    'k8s.container.name=model',
    'k8s.pod.name=$(K8S_POD_NAME)',
  ]);
  const names = container(api(TRACED)).env.map(({ name }) => name);
  // The kubelet expands only variables that are defined earlier.
  expect(names.indexOf('K8S_POD_NAME')).toBeLessThan(names.indexOf('OTEL_RESOURCE_ATTRIBUTES'));
  expect(names.indexOf('K8S_POD_NAME')).toBeGreaterThan(0);
  expect(Object.keys(variables(api())).filter((name) => /^OTEL|^K8S/.test(name))).toEqual([]);
});

test('variables of the user take precedence without duplicates', () => {
  const own = api(TRACED, { envVars: { OTEL_SERVICE_NAME: 'mine' } }, { env: [{ name: 'K8S_POD_NAME', value: 'x' }] });
  const names = container(own).env.map(({ name }) => name);
  expect(names).not.toContain('OTEL_SERVICE_NAME');
  expect(names.filter((name) => name === 'K8S_POD_NAME')).toEqual(['K8S_POD_NAME']);
  expect(names).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
});

test.each([
  ['shop', undefined],
  ['registry:5000/shop', undefined],
  ['registry:5000/shop:1', '1'],
  ['shop@sha256:abc', 'sha256:abc'],
  ['registry:5000/a/shop:2.0@sha256:abc', '2.0'],
])('the version of %s is %s', (image, version) => {
  expect(versionOf(image)).toBe(version);
});

test.each([
  ['not configured', undefined, {}, ['model']],
  ['disabled', { enabled: false, port: 9000 }, {}, ['model']],
  ['on the component port', { enabled: true }, { port: '8080', path: '/metrics' }, ['model']],
  ['on the component port by number', { enabled: true, port: 8080 }, { port: '8080', path: '/metrics' }, ['model']],
  ['on another port', { enabled: true, port: 9000, path: '/m' }, { port: '9000', path: '/m' }, ['model', 'metrics']],
])('metrics %s: pods have the annotations and the port', (_what, metrics, expected: object, ports) => {
  const { template, ports: declared } = container(api(metrics && { metrics }));
  const annotations = Object.fromEntries(
    Object.entries(expected).map(([key, value]) => [`prometheus.io/${key}`, value]),
  );
  expect(scraped(template)).toEqual(
    Object.keys(annotations).length > 0 ? { 'prometheus.io/scrape': 'true', ...annotations } : {},
  );
  expect(declared.map((port) => (port as { name: string }).name)).toEqual(ports);
});

test('podAnnotations take precedence', () => {
  const own = api({ metrics: { enabled: true } }, {}, { podAnnotations: { 'prometheus.io/path': '/own' } });
  expect(scraped(container(own).template)).toMatchObject({
    'prometheus.io/path': '/own',
    'prometheus.io/port': '8080',
  });
});

test('the PodMonitor covers the ports and paths of all environments', () => {
  const old = api({ metrics: { enabled: true, path: '/old' } });
  const now = api(
    { metrics: { enabled: true, port: 9000, interval: '15s' } },
    { repository: { enabled: false, port: 1 } },
  );
  const environment = (name: 'blue' | 'green', of: RestAPI): Environment => ({
    name,
    api: of,
    replicas: {},
    referenceHashes: {},
  });
  const decision: Decision = {
    environments: [environment('blue', old), environment('green', now)],
    front: { environment: 'blue' },
    revisions: [],
  };
  expect(new MetricsMonitor().desired(now, decision)?.spec.podMetricsEndpoints).toEqual([
    ...Object.keys(PORTS).map((port) => ({ port, path: '/old', interval: '15s' })),
    { port: 'metrics', path: '/metrics', interval: '15s' },
  ]);
  expect(new MetricsMonitor().desired(api({ metrics: { enabled: false } }))).toBeUndefined();
  expect(new MetricsMonitor().desired(api())).toBeUndefined();
});

test('the network policy allows Prometheus only to scrape metrics ports, and only from its namespaces', () => {
  const ingress = (of: RestAPI, prometheusNamespaces?: string[]) =>
    new ComponentNetworkPolicy()
      .desired(of, { ...plainDecision(of), ...(prometheusNamespaces && { prometheusNamespaces }) })
      .map(({ spec }) => spec.ingress.slice(1));
  const from = (...namespaces: string[]) =>
    namespaces.map((name) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
    }));
  const scraped = api({ metrics: { enabled: true, port: 9000 } });
  const ports = [{ port: 'metrics', protocol: 'TCP' }];
  expect(ingress(api())).toEqual([[], [], [], []]);
  expect(ingress(scraped)[0]).toEqual([{ from: from('monitoring'), ports }]);
  expect(ingress(scraped, ['a', 'b'])[0]).toEqual([{ from: from('a', 'b'), ports }]);
  expect(ingress(scraped, [])).toEqual([[], [], [], []]);
});

test('the namespaces of Prometheus can be read from the generated policies', () => {
  const read = (of: RestAPI, ...prometheusNamespaces: string[]) =>
    scrapingNamespaces(new ComponentNetworkPolicy().desired(of, { ...plainDecision(of), prometheusNamespaces }));
  const scraped = api({ metrics: { enabled: true, port: 9000 } });
  expect(read(scraped, 'a', 'b')).toEqual(['a', 'b']);
  expect(read(scraped)).toEqual([]);
  expect(read(api(), 'a')).toEqual([]);
});

test('changes of pods require a release; the scrape interval does not', () => {
  const name = (metrics?: object, tracing?: object) => revisionOf(api({ metrics, tracing }), {});
  const plain = name({ enabled: true });
  expect(name({ enabled: true, interval: '5s' }).name).toBe(plain.name);
  expect(name({ enabled: true, interval: '5s' }).data).toEqual(plain.data);
  expect(name({ enabled: true, path: '/m' }).name).not.toBe(plain.name);
  expect(name({ enabled: true }, TRACED.tracing).name).not.toBe(plain.name);
  expect(revisionOf(api({}), {}, [revisionOf(api())]).name).toBe(revisionOf(api()).name);
});
