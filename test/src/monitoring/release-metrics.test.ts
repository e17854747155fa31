import { Registry } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { ReleaseRecord, ReleaseResult, RestAPI, RestAPIStatus } from '../../../resources/index.ts';
import { restApiMetrics } from '../../../src/metrics/rest-api-metrics.ts';
import { type Exposition, parseExposition } from '../../support/exposition.ts';

const LABELS = { namespace: 'default', name: 'shop' };
const LATER = Date.now() + 3_600_000;

let apis: StoredObject<RestAPI>[];
let registry: Registry;
beforeEach(() => {
  apis = [];
  registry = new Registry();
  restApiMetrics(registry, () => apis);
});

function api(status: RestAPIStatus | undefined, uid = '1'): StoredObject<RestAPI> {
  const metadata = { ...LABELS, uid, resourceVersion: '1', generation: 2 };
  return { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', metadata, spec: {}, status } as StoredObject<RestAPI>;
}

/** The record of release `n`, which ended `n` seconds after `at`. */
function ended(n: number, result: ReleaseResult, at = LATER): ReleaseRecord {
  return {
    revision: `r${n}`,
    image: `shop:${n}`,
    result,
    at: new Date(at + n * 1_000).toISOString(),
    message: 'it ended',
  };
}

async function scrape(): Promise<Exposition> {
  return parseExposition(await registry.metrics());
}

async function results(): Promise<Record<string, number>> {
  const found = (await scrape()).of('restapi_releases_total', LABELS);
  return Object.fromEntries(found.map(({ labels: { result }, value }) => [result, value]));
}

test('counts start at 0 with blue-green releases and are absent without them', async () => {
  apis = [api({ phase: 'Ready' })];
  expect(await results()).toEqual({});
  apis = [api({ environments: [] })];
  expect(await results()).toEqual({ Promoted: 0, Aborted: 0, RolledBack: 0, Cancelled: 0 });
  expect((await scrape()).sum('restapi_rollbacks_total', LABELS)).toBe(0);
});

test('each release is counted once, however many scrapes there are', async () => {
  apis = [api({ environments: [] })];
  await scrape();
  apis = [api({ history: [ended(1, 'Promoted')] })];
  await scrape();
  expect(await results()).toEqual({ Promoted: 1, Aborted: 0, RolledBack: 0, Cancelled: 0 });
  apis = [api({ history: [ended(3, 'Aborted'), ended(2, 'Cancelled'), ended(1, 'Promoted')] })];
  await scrape();
  expect(await results()).toEqual({ Promoted: 1, Aborted: 1, RolledBack: 0, Cancelled: 1 });
});

test('releases are counted even when a full history drops the oldest', async () => {
  const all = Array.from({ length: 25 }, (_, index) => ended(index, 'Promoted')).reverse();
  apis = [api({ environments: [] })];
  await scrape();
  for (let from = 20; from >= 0; from -= 5) {
    apis = [api({ history: all.slice(from, from + 10) })];
    await scrape();
  }
  expect((await results()).Promoted).toBe(25);
});

test('releases that ended before the operator started are not counted, so a restart causes no burst', async () => {
  const before = Date.now() - 3_600_000;
  apis = [api({ history: [ended(3, 'Promoted'), ended(2, 'RolledBack', before), ended(1, 'Promoted', before)] })];
  expect(await results()).toEqual({ Promoted: 1, Aborted: 0, RolledBack: 0, Cancelled: 0 });
});

test('automatic and requested rollbacks are counted', async () => {
  const rollbacks = async () => (await scrape()).sum('restapi_rollbacks_total', LABELS);
  apis = [api({ history: [ended(2, 'RolledBack'), ended(1, 'Promoted')] })];
  expect(await rollbacks()).toBe(1);
  const rollback = { to: 'r3', insteadOf: 'r2', scope: 'Version' as const };
  apis = [api({ rollback, history: [ended(3, 'Promoted'), ended(2, 'RolledBack')] })];
  expect(await rollbacks()).toBe(2);
  expect(await rollbacks()).toBe(2);
});

test('a deleted RestAPI leaves no series, and a recreated one starts from 0', async () => {
  apis = [api({ history: [ended(1, 'RolledBack')], activeEnvironment: 'blue' })];
  expect((await results()).RolledBack).toBe(1);
  apis = [];
  expect((await scrape()).samples).toEqual([]);
  apis = [api({ environments: [] }, '2')];
  expect(await results()).toEqual({ Promoted: 0, Aborted: 0, RolledBack: 0, Cancelled: 0 });
  apis = [api({ history: [ended(1, 'Promoted')] }, '3')];
  expect(await results()).toEqual({ Promoted: 1, Aborted: 0, RolledBack: 0, Cancelled: 0 });
});

test('the active environment and the release phase are exposed', async () => {
  apis = [api(undefined)];
  expect((await scrape()).of('restapi_active_environment')).toEqual([]);
  apis = [api({ phase: 'Ready' })];
  const environment = async () => (await scrape()).of('restapi_active_environment').map(({ labels }) => labels);
  expect(await environment()).toEqual([{ ...LABELS, environment: 'main' }]);
  const release = {
    revision: 'r2',
    environment: 'green',
    phase: 'Checking',
    startedAt: '2026-01-01T00:00:00Z',
    progressedAt: '2026-01-01T00:01:00.500Z',
    availableReplicas: 4,
    message: 'Waiting',
  } as const;
  apis = [api({ activeEnvironment: 'blue', release })];
  expect(await environment()).toEqual([{ ...LABELS, environment: 'blue' }]);
  const found = await scrape();
  expect(found.of('restapi_release_phase').map(({ labels }) => labels)).toEqual([{ ...LABELS, phase: 'Checking' }]);
  expect(found.sum('restapi_release_progress_timestamp_seconds', LABELS)).toBe(1_767_225_660.5);
});

test('each condition has one series at 1 per status; ready refers to the current spec', async () => {
  const ready = { type: 'Ready', status: 'True', reason: 'AllReady', message: '', lastTransitionTime: '' } as const;
  const conditions = (observedGeneration: number) => [{ ...ready, observedGeneration }];
  apis = [api({ conditions: conditions(2) })];
  let found = await scrape();
  expect(
    found.of('restapi_condition', LABELS).map(({ labels: { type, status }, value }) => [type, status, value]),
  ).toEqual([
    ['Ready', 'true', 1],
    ['Ready', 'false', 0],
    ['Ready', 'unknown', 0],
  ]);
  expect(found.sum('restapi_ready', LABELS)).toBe(1);
  // For the spec before the last change.
  apis = [api({ conditions: conditions(1) })];
  found = await scrape();
  expect(found.sum('restapi_condition', { ...LABELS, type: 'Ready', status: 'true' })).toBe(1);
  expect(found.sum('restapi_ready', LABELS)).toBe(0);
  apis = [api(undefined)];
  expect((await scrape()).sum('restapi_ready', LABELS)).toBe(0);
});

test('how many releases take a slot and how many wait for one is counted by namespace', async () => {
  const spec = { blueGreen: { enabled: true } };
  const release = (phase: string, more: object = {}) => ({
    release: { phase, progressedAt: new Date().toISOString(), ...more },
  });
  const statuses = [
    release('Preparing'),
    release('Checking'),
    // It hangs.
    release('Preparing', { progressedAt: '2026-01-01T00:00:00Z' }),
    release('Queued', { queuedAt: '2026-01-01T00:00:00Z' }),
    release('Queued'),
  ];
  apis = statuses.map((status, index) => ({ ...api(status as never, `${index}`), spec }) as never);
  const own = { namespace: 'default' };
  expect((await scrape()).sum('restapi_releases_in_progress', own)).toBe(2);
  expect((await scrape()).sum('restapi_releases_waiting', own)).toBe(1);
  apis = [api({ phase: 'Ready' })];
  expect((await scrape()).of('restapi_releases_waiting', own).map(({ value }) => value)).toEqual([0]);
});
