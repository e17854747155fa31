import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActiveRule, Fault, ProxiedRequest } from '../../../operator/testkit/fault-proxy.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { isNotFound } from '../../../operator/transport/api-error.ts';
import { CONFIG_MAP, type ConfigMap, cached, configMap, contentOf, isResume, recorded } from './support.ts';

const OBJECTS = 2_000;
const CHURN_MS = 10_000;
const NAMESPACE = 'default';

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: ApiClient;
let client: ApiClient;

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0, audit: false });
  proxy = await startFaultProxy(cluster.kubeConfig);
  direct = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
});

afterAll(async () => {
  await client?.close();
  await direct?.close();
  await proxy?.stop();
  await cluster?.stop();
});

/** A small generator of its own (mulberry32), so that a failing run can be repeated by its seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

it('equals a fresh list after churn with random faults, and its events add up to the same state', async () => {
  const seed = Number(process.env.CHURN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`churn seed ${seed} (CHURN_SEED repeats it)`);
  const random = generator(seed);
  const pick = (below: number) => Math.floor(random() * below);

  const names = Array.from({ length: OBJECTS }, (_, i) => `cm-${i}`);
  await Promise.all(names.map((name) => direct.create(CONFIG_MAP, configMap(NAMESPACE, name, { n: '0' }))));

  const corrupt = (at: number) => (line: string, index: number) =>
    index === at ? line.slice(0, line.length / 2) : line;
  const error = (code: number) =>
    JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason: 'Expired', message: 'played' } });
  const faults: ((lines: number) => Fault)[] = [
    () => ({ kind: 'answer', status: 410 }),
    () => ({ kind: 'answer', status: 500 }),
    () => ({ kind: 'answer', status: 429, headers: { 'retry-after': '0' } }),
    () => ({ kind: 'answer', status: 400 }),
    () => ({ kind: 'cut-before' }),
    (lines) => ({ kind: 'cut-after-lines', lines }),
    (lines) => ({ kind: 'end-after-lines', lines }),
    (lines) => ({ kind: 'stall-after-lines', lines }),
    () => ({ kind: 'end-after-ms', ms: pick(300), silent: true }),
    (lines) => ({ kind: 'rewrite-lines', rewrite: corrupt(lines) }),
    (lines) => ({ kind: 'rewrite-lines', rewrite: (line, index) => (index === lines ? error(410) : line) }),
    () => ({ kind: 'chop', bytes: 100 + pick(2_000) }),
  ];
  const rules: ActiveRule[] = [];
  /** Have one request of a kind run into a fault, somewhere within what it usually carries. */
  const arm = () => {
    const [match, lines] = pick(4) > 0 ? [isResume, pick(40)] : [(r: ProxiedRequest) => !isResume(r), pick(2_400)];
    rules.push(proxy.rule({ match, fault: faults[pick(faults.length)]?.(lines) as Fault, times: 1 }));
  };

  const run = recorded(client, {
    namespace: NAMESPACE,
    timings: {
      watchTimeoutSeconds: [1, 2],
      watchGraceMs: 500,
      connectTimeoutMs: 2_000,
      listTimeoutMs: 4_000,
      backoffMs: [10, 100],
    },
  });
  /** What the events alone say there is. */
  const told = new Map<string, ConfigMap>();
  const contradictions: string[] = [];
  run.informer.subscribe(({ type, object, previous }) => {
    const name = object.metadata?.name ?? '';
    if ((type === 'ADDED') === told.has(name)) contradictions.push(`${type} ${name}`);
    if (previous?.metadata?.uid !== told.get(name)?.metadata?.uid) contradictions.push(`previous of ${name}`);
    if (type === 'DELETED') told.delete(name);
    else told.set(name, object);
  });
  await run.informer.synced();

  let writes = 0;
  const end = performance.now() + CHURN_MS;
  const churn = async () => {
    while (performance.now() < end) {
      const name = names[pick(names.length)] as string;
      const kind = pick(10);
      try {
        if (kind < 5) await direct.mergePatch(CONFIG_MAP, NAMESPACE, name, { data: { n: String(writes) } });
        else if (kind < 7) await direct.delete(CONFIG_MAP, NAMESPACE, name);
        else
          await direct.apply(CONFIG_MAP, configMap(NAMESPACE, name, { n: String(writes) }), {
            fieldManager: 'churn',
            force: true,
          });
        writes += 1;
      } catch (thrown) {
        if (!isNotFound(thrown)) throw thrown;
      }
      await sleep(pick(8));
    }
  };
  const disturb = async () => {
    while (performance.now() < end) {
      await sleep(100);
      arm();
      if (random() < 0.1) proxy.killConnections();
    }
  };
  await Promise.all([churn(), churn(), churn(), churn(), disturb()]);
  proxy.clearRules();
  proxy.killConnections();

  const last = await direct.apply(CONFIG_MAP, configMap(NAMESPACE, 'last'), { fieldManager: 'churn', force: true });
  const started = performance.now();
  expect(await run.informer.waitFor(last.metadata?.resourceVersion ?? '', 60_000)).toBe(true);
  const relists = run.reconnections.filter((r) => r.relisted).length;
  console.log(
    `${writes} writes, ${rules.filter((rule) => rule.fired > 0).length} faults, ${run.reconnections.length} reconnections (${relists} with a new list), ` +
      `${run.events.length} events, in step ${Math.round(performance.now() - started)} ms after the last fault, ` +
      `at most ${proxy.counters.maxOpen} connections at once`,
  );
  const { items } = await direct.listAll<ConfigMap>(CONFIG_MAP, { namespace: NAMESPACE }, (object) => object);
  const truth = contentOf(items);
  expect(cached(run.informer)).toEqual(truth);
  expect(contentOf([...told.values()])).toEqual(truth);
  expect(contradictions).toEqual([]);
  expect(run.reconnections.length).toBeGreaterThan(2);
  expect(proxy.counters.maxOpen).toBeLessThan(20);
  await run.informer.stop();
});
