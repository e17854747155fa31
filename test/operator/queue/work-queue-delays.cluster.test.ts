import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, test, vi } from 'vitest';
import { checkDelay } from '../../../operator/async/check-delay.ts';
import { setLongInterval, setLongTimeout } from '../../../operator/async/long-timeout.ts';
import { ApiClient, Operator, type OperatorOptions } from '../../../operator/index.ts';
import { FailingKeys } from '../../../operator/queue/failing-keys.ts';
import { retryAfterMs } from '../../../operator/queue/retry-after.ts';
import { type Outcome, WorkQueue, type WorkQueueOptions } from '../../../operator/queue/work-queue.ts';
import { ApiError } from '../../../operator/transport/api-error.ts';
import { eventually } from '../../support/eventually.ts';

const DAY_MS = 86_400_000;
const NONSENSE: [unknown, string][] = [
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [-1, '-1'],
  ['soon', 'the string "soon"'],
  ['5', 'the string "5"'],
  [null, 'null'],
  [{}, 'an object'],
];

test.each(NONSENSE)('a delay of %s is rejected, and the error names it', (value, shown) => {
  expect(() => checkDelay(value, 'ShopController.reconcile: requeueAfterMs')).toThrow(
    `ShopController.reconcile: requeueAfterMs must be a finite number of milliseconds, at least 0, got ${shown}`,
  );
});

test('any finite delay is accepted unchanged', () => {
  for (const value of [0, 0.5, 2 ** 31, 60 * DAY_MS, Number.MAX_VALUE]) expect(checkDelay(value, 'x')).toBe(value);
  expect(() => checkDelay(0, 'resyncMs', 1)).toThrow('resyncMs must be a finite number of milliseconds, at least 1');
});

test.each([25 * DAY_MS, 60 * DAY_MS, 400 * DAY_MS])('a timer of %d ms fires once, on time', (delayMs) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  try {
    const fired = { once: 0, each: 0, never: 0 };
    setLongTimeout(() => fired.once++, delayMs);
    const each = setLongInterval(() => fired.each++, delayMs);
    setLongTimeout(() => fired.never++, delayMs).clear();
    vi.advanceTimersByTime(delayMs - 10);
    expect(fired).toEqual({ once: 0, each: 0, never: 0 });
    vi.advanceTimersByTime(20);
    expect(fired).toEqual({ once: 1, each: 1, never: 0 });
    vi.advanceTimersByTime(delayMs);
    expect(fired).toEqual({ once: 1, each: 2, never: 0 });
    each.clear();
    vi.advanceTimersByTime(3 * delayMs);
    expect(fired.each).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

/** A queue whose runs all have the same outcome. */
function queueOf(outcome: () => Outcome | undefined, options: WorkQueueOptions = {}) {
  const failures: { error: unknown; delayMs: number; retryAfterMs: number | undefined }[] = [];
  let runs = 0;
  const queue = new WorkQueue(
    async () => {
      runs++;
      return outcome();
    },
    {
      name: 'ShopController',
      onFailure: (_key, error, _failures, delayMs, requestedMs) =>
        failures.push({ error, delayMs, retryAfterMs: requestedMs }),
      ...options,
    },
  );
  queue.start();
  queue.add('a/b');
  return { queue, failures, runs: () => runs };
}

test('D5: a key requeued in 60 days does not come back earlier', async () => {
  const { queue, runs, failures } = queueOf(() => ({ requeueAfterMs: 60 * DAY_MS }));
  await eventually(() => runs() === 1, { everyMs: 1 });
  await sleep(100);
  expect([runs(), failures.length]).toEqual([1, 0]);
  await queue.drain(0);
});

test.each(NONSENSE)(
  'D5: a run that requeues after %s fails, and the error names the queue and the key',
  async (value) => {
    const { queue, runs, failures } = queueOf(() => ({ requeueAfterMs: value as number }), { baseDelayMs: 60_000 });
    await eventually(() => failures.length === 1, { everyMs: 1 });
    expect(String(failures[0]?.error)).toContain('ShopController: requeueAfterMs of a/b must be a finite number');
    await sleep(20);
    expect(runs()).toBe(1);
    expect(() => queue.addAfter('c', value as number)).toThrow('delay of c must be');
    await expect(queue.drain(value as number)).rejects.toThrow('drain deadline must be');
    await queue.drain(0);
  },
);

test.each<keyof WorkQueueOptions>(['baseDelayMs', 'maxDelayMs', 'runTimeoutMs', 'slowAfterMs', 'stuckAfterMs'])(
  'the option %s must be a finite number of milliseconds',
  (option) => {
    for (const [value] of NONSENSE.filter(([one]) => one !== null)) {
      expect(() => new WorkQueue(async () => undefined, { name: 'Q', [option]: value })).toThrow(
        `Q: ${option} must be`,
      );
    }
  },
);

test('the limits must be integers', () => {
  for (const concurrency of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => new WorkQueue(async () => undefined, { concurrency })).toThrow(
      `work queue: concurrency must be an integer of at least 1, got ${concurrency}`,
    );
  }
});

test('D15: a failed key waits for Retry-After, and the failure reports it', async () => {
  const refused = () => {
    const causes = [new Error('other'), new Error('wrapped', { cause: apiError(30) }), apiError(2)];
    throw new AggregateError(causes, 'two objects could not be written');
  };
  const { queue, failures, runs } = queueOf(refused, { baseDelayMs: 1, maxDelayMs: 10 });
  await eventually(() => failures.length === 1, { everyMs: 1 });
  expect(failures[0]?.retryAfterMs).toBe(30_000);
  expect(failures[0]?.delayMs).toBeGreaterThanOrEqual(30_000);
  expect(failures[0]?.delayMs).toBeLessThanOrEqual(36_000);
  await sleep(50);
  expect(runs()).toBe(1);
  await queue.drain(0);
});

test('Retry-After is found in nested errors, is capped, and never shortens the backoff', () => {
  expect(retryAfterMs(apiError(7))).toBe(7_000);
  expect(retryAfterMs(new Error('x', { cause: new Error('y', { cause: apiError(3) }) }))).toBe(3_000);
  expect(retryAfterMs(apiError(86_400))).toBe(300_000);
  for (const nothing of [undefined, 'text', new Error('x'), apiError(undefined), { retryAfterSeconds: Number.NaN }]) {
    expect(retryAfterMs(nothing)).toBeUndefined();
  }
  const circular = new Error('x') as Error & { cause: unknown };
  circular.cause = new AggregateError([circular, apiError(4)]);
  expect(retryAfterMs(circular)).toBe(4_000);

  const failing = new FailingKeys({ baseDelayMs: 10_000, maxDelayMs: 60_000 });
  expect(failing.failed('a', apiError(1)).delayMs).toBeGreaterThanOrEqual(8_000);
});

function apiError(retryAfterSeconds: number | undefined): ApiError {
  return new ApiError({
    status: 429,
    method: 'PATCH',
    path: '/api/v1/x',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

test.each<[string, OperatorOptions]>([
  ['resyncMs', { resyncMs: Number.NaN }],
  ['resyncMs', { resyncMs: 0 }],
  ['unhealthyAfterMs', { unhealthyAfterMs: -1 }],
  ['requestTimeoutMs', { requestTimeoutMs: Number.POSITIVE_INFINITY }],
  ['informerTimings.backoffMs', { informerTimings: { backoffMs: [200, Number.NaN] } }],
  [
    'leaderElection.retryMs',
    { leaderElection: { namespace: 'a', name: 'b', identity: 'c', retryMs: 'often' as never } },
  ],
  [
    'leaderElection.leaseDurationSeconds',
    { leaderElection: { namespace: 'a', name: 'b', identity: 'c', leaseDurationSeconds: Number.NaN } },
  ],
])('an operator is not created with an invalid %s', (option, options) => {
  expect(() => new Operator({ name: 'shop', kubeConfig: nowhere(), ...options })).toThrow(
    `Operator shop: ${option} must be a finite number`,
  );
});

test('a resync of 60 days is accepted, and a stop with an invalid deadline stops nothing', async () => {
  const operator = new Operator({ kubeConfig: nowhere(), resyncMs: 60 * DAY_MS });
  await expect(operator.stop(Number.NaN)).rejects.toThrow('the deadline of stop() must be a finite number');
  await operator.stop();
});

test('the deadline of a request is validated, and may be months', async () => {
  const client = new ApiClient({ kubeConfig: nowhere(), userAgent: 'test' });
  const ask = (timeoutMs: number) => client.request({ method: 'GET', path: '/version', retry: 'never', timeoutMs });
  await expect(ask(Number.NaN)).rejects.toThrow('GET /version: timeoutMs must be a finite number');
  await expect(ask(60 * DAY_MS)).rejects.toThrow(/ECONNREFUSED|refused/);
  await client.close();
});

/** A kubeconfig of a server that does not exist: port 1 of this machine is not in use. */
function nowhere(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'nowhere', server: 'http://127.0.0.1:1', skipTLSVerify: true },
    { name: 'nobody' },
  );
  return kubeConfig;
}
