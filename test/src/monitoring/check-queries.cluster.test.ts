import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { Metrics } from '../../../examples/shop/src/metrics.ts';
import { ComponentDeployment, type Environment, MetricsMonitor, plainDecision } from '../../../resources/index.ts';
import { prometheusCheck } from '../../../src/checks/prometheus-check.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { BINARIES_TIMEOUT_MS, ensurePrometheus } from '../../support/prometheus-binaries.ts';
import { PrometheusServer } from '../../support/prometheus-server.ts';
import { stored } from '../blue-green/stored.ts';

/** As the Prometheus Operator and Prometheus spell the name of a label of a pod. */
const sanitized = (label: string) => label.replace(/[^a-zA-Z0-9_]/g, '_');

/** Converts our PodMonitor to a scrape config as the Prometheus Operator does, with one pod, at the given address. */
function scrapeConfig(api: ReturnType<typeof stored>, environment: Environment, target: string): object {
  const decision = { ...plainDecision(api), environments: [environment] };
  const monitor = new MetricsMonitor().desired(api, decision);
  if (!monitor) throw new Error('there is no PodMonitor');
  const deployment = new ComponentDeployment()
    .desired(api, decision)
    .find(({ metadata }) => metadata?.name?.includes('view'));
  const { labels = {} } = deployment?.spec.template.metadata ?? {};
  expect(labels).toMatchObject((monitor.spec.selector as { matchLabels: object }).matchLabels);
  const found = Object.entries(labels).map(([name, value]) => [
    `__meta_kubernetes_pod_label_${sanitized(name)}`,
    value,
  ]);
  return {
    job_name: `default/${monitor.metadata?.name}`,
    metrics_path: monitor.spec.podMetricsEndpoints[0]?.path,
    static_configs: [
      { targets: [target], labels: { ...Object.fromEntries(found), __meta_kubernetes_namespace: 'default' } },
    ],
    relabel_configs: [
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      ...monitor.spec.podTargetLabels.map((label) => ({
        source_labels: [`__meta_kubernetes_pod_label_${sanitized(label)}`],
        target_label: sanitized(label),
        regex: '(.+)',
      })),
    ],
  };
}

/** The queries of the checks in a page of the docs. */
async function queriesIn(page: string): Promise<string[]> {
  const text = await readFile(join(packageRoot(), 'docs', page), 'utf8');
  return [...text.matchAll(/^ +query: (.+)$/gm)].map(([, query = '']) => query);
}

test(
  'the queries of checks in the docs have a value for what our PodMonitor scrapes, and only of the environment under test',
  async () => {
    await ensurePrometheus();
    const metrics = new Metrics();
    const server = createServer(async (_, response) => {
      response.setHeader('content-type', metrics.contentType).end(await metrics.text());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'check-queries-'));
    const api = stored('b');
    Object.assign(api.spec, { observability: { metrics: { enabled: true, path: '/metrics' } } });
    const green: Environment = { name: 'green', api, revision: 'r', replicas: { view: 1 }, referenceHashes: {} };
    try {
      const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using prometheus = await PrometheusServer.start(join(folder, 'prometheus'), {
        scrape: scrapeConfig(api, green, target),
      });
      const agent = new Agent({ pipelining: 0 });
      const ask = (query: string, environment: Environment) =>
        prometheusCheck(
          {
            check: {
              name: 'errors',
              prometheus: { query, max: 0.1 },
              successes: 1,
              allowedFailures: 0,
              intervalSeconds: 1,
            },
            stage: 'postPromotion',
            environment,
            since: '2026-01-01T00:00:00.000Z',
            number: 1,
          },
          new URL(prometheus.url),
          { dispatcher: agent },
          new AbortController().signal,
        );
      const queries = (await Promise.all(['explanation/blue-green.md', 'how-to/release.md'].map(queriesIn))).flat();
      expect(queries.length).toBeGreaterThanOrEqual(2);
      for (const query of new Set(queries)) {
        const answer = await eventually(async () => {
          const found = await ask(query, green);
          return found.ok && found;
        });
        expect(answer.message).toBe('the query returned 0, which is at most 0.1');
        expect(await ask(query, { ...green, name: 'blue' })).toMatchObject({ unknown: true });
        metrics.observe('GET', '/', 500, 0.01);
        metrics.observe('GET', '/', 500, 0.01);
      }
      const [query = ''] = queries;
      const failed = await eventually(async () => {
        metrics.observe('GET', '/', 500, 0.01);
        const found = await ask(query, green);
        return !found.ok && found;
      });
      expect(failed).toMatchObject({ ok: false, message: expect.stringMatching(/expected at most 0.1/) });
      expect(failed.unknown).toBeUndefined();
    } finally {
      server.close();
      await rm(folder, { recursive: true });
    }
  },
  BINARIES_TIMEOUT_MS,
);
