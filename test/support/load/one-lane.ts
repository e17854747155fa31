import { expect } from 'vitest';
import type { FaultyServer } from './faulty-server.ts';
import type { LaneOptions } from './lane.ts';
import type { LaneReport } from './load-report.ts';
import { type LoadOptions, runLoad } from './run-load.ts';

const RATE = 200;
/** Enough to see every fault often. */
export const REQUESTS = 100;

interface Options extends Partial<Omit<LoadOptions, 'seconds'>> {
  method?: 'GET' | 'POST';
  rate?: number;
  /** Default: until the server has got REQUESTS requests. */
  seconds?: number;
}

/**
 * Runs one lane and checks that its account adds up. One request at a time, so that each fault of the server fails exactly one;
 * on a loaded machine more are dropped instead.
 */
export async function loadLane(
  server: FaultyServer,
  connections: LaneOptions['connections'],
  { method = 'GET', rate = RATE, seconds, ...options }: Options = {},
): Promise<LaneReport> {
  const request = method === 'GET' ? { method, path: '/' } : { method, path: '/', body: '{"a":1}' };
  const enough = new AbortController();
  const before = server.requests();
  const watch = setInterval(() => {
    if (seconds === undefined && server.requests() - before >= REQUESTS) enough.abort();
  }, 20);
  const report = await runLoad(
    {
      url: server.url,
      lanes: [{ name: 'lane', connections, count: 4, request, rate }],
      seconds: seconds ?? 40,
      timeoutMs: 10_000,
      drainMs: 10_000,
      inFlight: 1,
      retry: 'none',
      ...options,
    },
    enough.signal,
  );
  clearInterval(watch);
  const [lane] = report.lanes as [LaneReport];
  expect(lane.due).toBe(lane.sent + lane.dropped);
  // The schedule holds, but for how late timers are.
  const due = (rate * report.sendingMs) / 1_000;
  expect(lane.due).toBeLessThanOrEqual(due + 1);
  expect(lane.due).toBeGreaterThan(due - (rate * (report.mostBehindMs + 20)) / 1_000);
  expect(lane.sent).toBe(lane.answered + lane.failed);
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  const total = (spans: LaneReport['versions']) => sum(Object.values(spans).map((span) => span.count));
  expect([total(lane.versions), total(lane.failures)]).toEqual([lane.answered, lane.failed]);
  const { answered, failed } = lane.series;
  expect([sum(Object.values(answered).flat()), sum(failed)]).toEqual([lane.answered, lane.failed]);
  return lane;
}
