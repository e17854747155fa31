import { setTimeout as sleep } from 'node:timers/promises';
import { Lane, type LaneLimits, type LaneOptions } from './lane.ts';
import type { LoadReport } from './load-report.ts';

/** A load. */
export interface LoadOptions extends LaneLimits {
  /** Where requests go; their paths come from the lanes. */
  url: URL;
  lanes: readonly LaneOptions[];
  seconds: number;
  /** How long to wait for requests in flight at the end. */
  drainMs: number;
}

/** Sends a constant load until the time is over or the signal aborts, then waits for the requests in flight. Never rejects. */
export async function runLoad(options: LoadOptions, signal: AbortSignal): Promise<LoadReport> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  const now = () => performance.now() - start;
  const lanes = options.lanes.map(
    (lane, at) => new Lane(options.url, lane, options, { now, phase: at / options.lanes.length }),
  );
  for (const lane of lanes) lane.start();
  await sleep(options.seconds * 1_000, undefined, { signal }).catch(() => undefined);
  for (const lane of lanes) lane.stop();
  const sendingMs = Math.round(now());
  await Promise.all(lanes.map((lane) => lane.finish(options.drainMs)));
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    type: 'report',
    url: options.url.href,
    startedAt,
    sendingMs,
    mostBehindMs: Math.round(Math.max(...lanes.map(({ mostBehindMs }) => mostBehindMs))),
    cpuMs: Math.round((user + system) / 1_000),
    lanes: lanes.map((lane) => lane.report()),
  };
}
