import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { OperatorCluster, type OperatorProcess, sample } from '../../support/operator-cluster.ts';
import { BINARIES_TIMEOUT_MS, ensurePrometheus } from '../../support/prometheus-binaries.ts';
import { type Alert, PrometheusServer, type Series } from '../../support/prometheus-server.ts';
import { App } from '../blue-green/support.ts';
import { CRASH_STAGE, CRASHES } from './crash-stage.ts';
import { metricNames } from './metric-names.ts';
import { shippedGroups, withRules } from './rules.ts';
import { filledIn, queriesOf, shippedDashboards } from './shipped-dashboards.ts';

/** Values for the variables of the dashboards. */
const VALUES = {
  job: 'restapi-operator-metrics',
  pod: '.+',
  namespace: 'default',
  name: 'wine',
  component: 'view',
};

/**
 * Panels that may have no data here: the cluster has no metrics-server, nothing stays broken long enough to be healed, and most
 * watches live longer than the test.
 */
const MAY_BE_EMPTY = [
  'RestAPI fleet / Healed',
  'RestAPI fleet / Healing held',
  'RestAPI / Healed',
  'RestAPI / Healing held',
  'RestAPI fleet / At maxReplicas',
  'RestAPI fleet / Forecasts not used',
  'RestAPI operator / Watch reconnects',
  'RestAPI / Scaling metrics',
  'RestAPI / Forecast error',
  'RestAPI / Forecast used',
  'RestAPI / Recommended CPU requests',
  'RestAPI / Recommended memory requests',
];

/** Metrics of Prometheus itself. */
const ITS_OWN = ['up', 'ALERTS'];

let world: OperatorCluster;
let address: string;
let operator: OperatorProcess;
let prometheus: PrometheusServer;
let wine: App;
beforeAll(async () => {
  await ensurePrometheus();
  world = await OperatorCluster.start({ kwokConfig: [CRASH_STAGE] });
  address = `127.0.0.1:${(await freePorts(1))[0]}`;
  operator = await spawnOperator();
  await operator.says('leading');
  // Long enough to tell healthy from broken, short enough to wait for.
  const groups = withRules(await shippedGroups(), (rule) => ({ ...rule, ...(rule.for && { for: '1s' }) }));
  prometheus = await PrometheusServer.start(join(world.cluster.dir, 'prometheus'), {
    scrape: await scrapeConfig(),
    groups,
  });
  await world.apply(sample('shop'));
  // Long enough for some of the two scrapes a second to see the release.
  wine = await App.start(world, 'wine', { autoPromotion: { seconds: 3 } });
  await wine.image('2.0.0');
  await wine.until(
    'its second version serves',
    ({ activeEnvironment, phase }) => activeEnvironment === 'green' && phase === 'Ready',
  );
}, BINARIES_TIMEOUT_MS);
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

function spawnOperator(): Promise<OperatorProcess> {
  return world.spawnOperator({ flags: ['--leader-elect', '--metrics-address', address] });
}

interface ServiceMonitor {
  metadata: { namespace: string };
  spec: {
    selector: { matchLabels: Record<string, string> };
    endpoints: { port: string; path: string; honorLabels: boolean }[];
  };
}

interface Service {
  metadata: { name: string; labels: Record<string, string> };
  spec: { ports: { name: string }[] };
}

/** Converts the shipped ServiceMonitor to a scrape config as the Prometheus Operator does, with the only address here. */
async function scrapeConfig(): Promise<object> {
  const read = async (...path: string[]) => parse(await readFile(join(packageRoot(), 'kustomize', ...path), 'utf8'));
  const { metadata, spec } = (await read('components', 'prometheus', 'service-monitor.yaml')) as ServiceMonitor;
  const service = (await read('base', 'metrics-service.yaml')) as Service;
  const [endpoint] = spec.endpoints;
  if (!endpoint || spec.endpoints.length > 1) throw new Error('the ServiceMonitor must have one endpoint');
  expect(service.metadata.labels).toMatchObject(spec.selector.matchLabels);
  expect(service.spec.ports.map(({ name }) => name)).toContain(endpoint.port);
  return {
    job_name: service.metadata.name,
    metrics_path: endpoint.path,
    honor_labels: endpoint.honorLabels,
    static_configs: [{ targets: [address], labels: { namespace: metadata.namespace, pod: 'restapi-operator-0' } }],
  };
}

async function firing(): Promise<Alert[]> {
  return (await prometheus.alerts()).filter(({ state }) => state === 'firing');
}

/** Waits until an alert with these labels fires. */
function fires(alertname: string, labels: Record<string, string> = {}): Promise<Alert> {
  return eventually(
    async () =>
      (await firing()).find((one) =>
        Object.entries({ alertname, ...labels }).every(([label, value]) => one.labels[label] === value),
      ),
    { what: `alert ${alertname}` },
  );
}

function nothingFires(): Promise<unknown> {
  return eventually(async () => (await firing()).length === 0, { what: 'no alert' });
}

/** The first series of an expression. A scrape that fails on a busy machine leaves a second without any. */
function seriesOf(expr: string): Promise<Series> {
  return eventually(async () => (await prometheus.query(expr))[0], { what: expr });
}

test('no alert fires while everything is healthy, and each RestAPI keeps its own namespace label', async () => {
  await eventually(async () => (await prometheus.query('restapi_ready == 1')).length === 2);
  await nothingFires();
  const ready = await seriesOf('restapi_ready{name="wine"}');
  expect(ready.metric).toMatchObject({ job: 'restapi-operator-metrics', namespace: 'default', name: 'wine' });
  const leader = await seriesOf('operator_leader');
  expect(leader).toMatchObject({ metric: { namespace: 'restapi-system', pod: 'restapi-operator-0' } });
  expect(leader.value[1]).toBe('1');
  // The last scrape may have been before the release.
  await eventually(async () => {
    const series = await prometheus.query('restapi_active_environment{name="wine"}');
    expect(series.map(({ metric }) => metric.environment)).toEqual(['green']);
    return true;
  });
  // The first deployment to blue was not a release.
  await seriesOf('restapi_releases_total{name="wine", result="Promoted"} == 1');
});

test('every metric in a dashboard or alert is exposed by the operator', async () => {
  const { types } = parseExposition(await (await fetch(`http://${address}/metrics`)).text());
  const shown = new Set([
    ...ITS_OWN,
    ...[...types].flatMap(([name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  ]);
  const dashboards = (await shippedDashboards()).flatMap(queriesOf);
  const alerts = (await shippedGroups()).flatMap(({ rules }) =>
    rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
  );
  const named = [...dashboards, ...alerts].flatMap(({ where, expr }) =>
    metricNames(filledIn(expr, VALUES)).map((name) => ({ where, name })),
  );
  expect(new Set(named.map(({ name }) => name)).size).toBeGreaterThan(25);
  expect(named.filter(({ name }) => !shown.has(name))).toEqual([]);
});

test('crashing pods raise an alert that names the RestAPI until they are healthy', async () => {
  const pods = ['pods', '-l', 'restapi.dev/name=shop,restapi.dev/component=view'];
  await world.kubectl('annotate', ...pods, `${CRASHES}=true`);
  const degraded = await fires('RestAPIDegraded', { namespace: 'default', name: 'shop' });
  expect(degraded.labels.severity).toBe('critical');
  expect(degraded.annotations.description).toContain('RestAPI default/shop has been Degraded');
  expect(degraded.annotations.runbook).toBe('docs/reference/alerts.md#restapidegraded');
  const down = await fires('RestAPIComponentDown', { namespace: 'default', name: 'shop', component: 'view' });
  expect(down.annotations.description).toContain('No pod of the view of RestAPI default/shop');
  expect((await firing()).every(({ labels }) => labels.name === 'shop')).toBe(true);
  await world.kubectl('delete', ...pods, '--wait=false');
  await nothingFires();
});

test('an aborted release raises an alert until the spec changes', async () => {
  await wine.image('3.0.0');
  const { release } = await wine.until('it waits', (status) => status.release?.phase === 'WaitingForPromotion');
  await wine.annotate('reject', release?.revision);
  const { annotations } = await fires('RestAPIReleaseAborted', { namespace: 'default', name: 'wine' });
  expect(annotations.description).toContain('RestAPI default/wine');
  await wine.image('2.0.0');
  await nothingFires();
  const aborted = await seriesOf('restapi_releases_total{name="wine", result="Aborted"}');
  expect(aborted.value[1]).toBe('1');
});

test('missing metrics raise an alert (this cluster has no metrics-server)', async () => {
  await world.apply(sample('blind', { autoScaling: {} }));
  await fires('RestAPIScalingBlind', { namespace: 'default', name: 'blind' });
  await world.kubectl('delete', 'restapi', 'blind', '--timeout=90s');
  await nothingFires();
  const left = () => prometheus.query('{name="blind", __name__=~"restapi_.+"}');
  await eventually(async () => (await left()).length === 0, { what: 'nothing is left of it' });
});

test('a killed operator raises an alert until it works again', async () => {
  await operator.end('SIGKILL');
  // Or the next one leads before a slow machine has noticed that nobody did.
  const held = JSON.stringify({ spec: { leaseDurationSeconds: 300 } });
  await world.kubectl('patch', 'lease', 'restapi-operator', '-n', 'restapi-system', '--type=merge', '-p', held);
  const { labels } = await fires('RestAPIOperatorDown');
  expect(labels.severity).toBe('critical');
  await fires('RestAPIOperatorReplicaDown', { pod: 'restapi-operator-0' });
  // The killed operator still holds the Lease.
  operator = await spawnOperator();
  await fires('RestAPIOperatorNoLeader', { namespace: 'restapi-system' });
  await world.kubectl('delete', 'lease', 'restapi-operator', '-n', 'restapi-system');
  await operator.says('Started leading');
  await nothingFires();
});

test('every query of every panel returns data from these minutes', async () => {
  const found = new Map<string, number>();
  for (const dashboard of await shippedDashboards()) {
    for (const { where, expr } of queriesOf(dashboard)) {
      const names = expr.includes('$name"') ? ['wine', 'shop', 'blind'] : ['wine'];
      for (const name of names) {
        const count = await prometheus.queryRange(filledIn(expr, { ...VALUES, name }));
        found.set(where, (found.get(where) ?? 0) + count);
      }
    }
  }
  expect(found.size).toBeGreaterThan(40);
  const empty = [...found].filter(([, count]) => count === 0).map(([where]) => where);
  expect(empty.filter((where) => !MAY_BE_EMPTY.includes(where))).toEqual([]);
});
