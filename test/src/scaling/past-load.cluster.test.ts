import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pastLoad } from '../../../src/scaling/past-load.ts';
import { BINARIES_TIMEOUT_MS } from '../../support/prometheus-binaries.ts';
import { PrometheusServer } from '../../support/prometheus-server.ts';
import { DAYS, officeLoad, usageCounter } from './learned-loads.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const OFFICE = { low: 0.1, high: 1, now: NOW };
const MODEL = { namespace: 'apps', name: 'shop', component: 'model' } as const;
const pod = (name: string, container = 'model', namespace = 'apps') => ({ namespace, container, pod: name });
const dispatcher = new Agent({ pipelining: 0 });

let folder: string;
let prometheus: PrometheusServer;
beforeAll(async () => {
  const busy = { ...OFFICE, low: 50, high: 50 };
  const series = [
    // Two environments and two pods of one of them: half of the load each of both pods.
    usageCounter(pod('shop-model-7d4b9c9d5f-abcde'), OFFICE),
    usageCounter(pod('shop-model-blue-7d4b9c9d5f-x2psf'), OFFICE),
    // What is none of it.
    usageCounter(pod('shop-model-7d4b9c9d5f-abcde', 'proxy'), busy),
    usageCounter(pod('shop-model-7d4b9c9d5f-abcde', 'model', 'other'), busy),
    usageCounter(pod('shop-model-view-7d4b9c9d5f-abcde'), busy),
    usageCounter(pod('my-shop-model-7d4b9c9d5f-abcde'), busy),
  ];
  const past = `# TYPE container_cpu_usage_seconds counter\n${series.join('\n')}\n# EOF\n`;
  folder = await mkdtemp(join(tmpdir(), 'past-load-'));
  prometheus = await PrometheusServer.start(join(folder, 'prometheus'), { past });
}, BINARIES_TIMEOUT_MS);
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await dispatcher.close();
  await rm(folder, { recursive: true, force: true });
});

const url = () => new URL(prometheus.url);

test('the load of a component of all its environments, of each ten minutes', async () => {
  const { first, values } = (await pastLoad(url(), { dispatcher }, MODEL, new Date(NOW))).known(NOW);
  expect(values.length).toBeGreaterThan(DAYS * 144 - 4);
  values.forEach((value, index) => {
    // Of the first ten minutes only a part is known.
    if (index === 0) return;
    const begin = (first + index) * 600_000;
    const [early, late] = [0, 1].map((share) => 2 * officeLoad(OFFICE, begin + share * 600_000));
    const [low, high] = [Math.min(early as number, late as number), Math.max(early as number, late as number)];
    expect(value).toBeGreaterThan(low * 0.95);
    expect(value).toBeLessThan(high * 1.05);
  });
});

test('a component that it knows nothing of', async () => {
  await expect(pastLoad(url(), { dispatcher }, { ...MODEL, name: 'shop.x' }, new Date(NOW))).rejects.toThrow(
    'check that it scrapes cAdvisor',
  );
});

test('a server that is not there', async () => {
  const nowhere = new URL('http://127.0.0.1:9');
  await expect(pastLoad(nowhere, { dispatcher }, MODEL, new Date(NOW))).rejects.toThrow('ECONNREFUSED');
});
