import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { exposition } from '../../../operator/metrics/exposition.ts';
import { addScrapedMetric } from '../../../operator/metrics/scraped-metric.ts';
import type { RestAPI, RestAPIStatus } from '../../../resources/index.ts';
import { restApiMetrics } from '../../../src/metrics/rest-api-metrics.ts';
import { measureCpuStretches } from '../../support/cpu-stretches.ts';
import { parseExposition } from '../../support/exposition.ts';

const APIS = 5_000;

/** A healthy RestAPI as in the cache, with a name that the text format must escape. */
function api(index: number): StoredObject<RestAPI> {
  const name = `shop-"${index}"\\n`;
  const metadata = { namespace: `team-${index % 20}`, name, uid: `${index}`, resourceVersion: '1', generation: 2 };
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Ready',
    message: 'ready',
    observedGeneration: 2,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const status = {
    phase: 'Ready',
    observedGeneration: 2,
    conditions: [condition('Ready', 'True'), condition('Progressing', 'False'), condition('Degraded', 'Unknown')],
    components: ['model', 'view', 'controller', 'router'].map((component) => ({
      name: component,
      replicas: 2,
      readyReplicas: index % 3,
      recommended: { cpu: '250m', memory: '128Mi' },
    })),
    history: [],
  } as unknown as RestAPIStatus;
  return { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', metadata, spec: {}, status } as StoredObject<RestAPI>;
}

test('the text equals that of prom-client for every kind of metric', async () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registry.setDefaultLabels({ site: 'a"b' });
  const registers = [registry];
  new Counter({ name: 'plain_total', help: 'Help\nwith \\ lines.', registers }).inc(3);
  new Gauge({ name: 'empty', help: 'None.', labelNames: ['a'], registers });
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['a', 'b'], registers });
  for (let i = 0; i < 1_234; i++) many.set({ a: `${i}`, b: 'x"y\\z\n' }, [i, -1.5, Number.NaN, Infinity][i % 4] ?? 0);
  const histogram = new Histogram({ name: 'took', help: 'Took.', labelNames: ['verb'], registers });
  for (let i = 0; i < 50; i++) histogram.observe({ verb: `v${i}` }, i / 10);
  new Summary({ name: 'sized', help: 'Sized.', registers }).observe(4);
  restApiMetrics(registry, () => Array.from({ length: 30 }, (_, index) => api(index)));
  // Process metrics change between reads, so they are read once.
  const frozen = new Registry();
  frozen.setDefaultLabels({ site: 'a"b' });
  for (const metric of registry.getMetricsAsArray() as unknown as { name: string; get: () => Promise<object> }[]) {
    const collected = await metric.get();
    frozen.registerMetric({ name: metric.name, get: async () => collected } as never);
  }
  const text = await exposition(frozen);
  expect(text).toBe(await frozen.metrics());
  expect(parseExposition(text).of('many').length).toBe(1_234);
});

test('prom-client writes OpenMetrics', async () => {
  const registry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  new Counter({ name: 'plain_total', help: 'Plain.', registers: [registry as never] }).inc(3);
  expect(await exposition(registry as never)).toBe(await registry.metrics());
});

test('a scrape of 5,000 RestAPIs does not block the event loop', async () => {
  const registry = new Registry();
  const apis = Array.from({ length: APIS }, (_, index) => api(index));
  restApiMetrics(registry, () => [...apis]);
  // The first scrape warms up the JIT compiler.
  await exposition(registry);
  const ended = measureCpuStretches();
  const text = await exposition(registry);
  const { maxMs } = ended();
  expect(text.split('\n').length).toBeGreaterThan(70_000);
  expect(maxMs).toBeLessThan(100);
});

test('concurrent scrapes, and one during a change, are each complete', async () => {
  const registry = new Registry();
  let apis = Array.from({ length: 500 }, (_, index) => api(index));
  restApiMetrics(registry, () => [...apis]);
  const [one, two] = [exposition(registry), exposition(registry)];
  apis = apis.slice(0, 100);
  const three = exposition(registry);
  const counts = (await Promise.all([one, two, three])).map((text) => parseExposition(text).of('restapi_ready').length);
  expect(counts[2]).toBe(100);
  // Metrics collected after the change show it; none shows half of it.
  for (const count of counts) expect([100, 500]).toContain(count);
  expect(await exposition(registry)).toBe(await registry.metrics());
});

test('the later of two samples with the same labels counts; a wrong label or value fails the scrape', async () => {
  const registry = new Registry();
  let samples: [Record<string, string>, number][] = [
    [{ a: '1' }, 1],
    [{ a: '2' }, 2],
    [{ a: '1' }, 3],
  ];
  addScrapedMetric(registry, { name: 'x', help: 'X.', type: 'gauge', labelNames: ['a'], samples: () => samples });
  expect(await exposition(registry)).toBe('# HELP x X.\n# TYPE x gauge\nx{a="1"} 3\nx{a="2"} 2\n');
  samples = [[{ b: '1' }, 1]];
  await expect(exposition(registry)).rejects.toThrow('x has no label b');
  samples = [[{ a: '1' }, undefined as never]];
  await expect(exposition(registry)).rejects.toThrow('is not a number');
});
