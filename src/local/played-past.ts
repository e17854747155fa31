import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ComponentName, RestAPI } from '../../resources/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { coresAtTarget } from './played-load.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The daily sale began this long after the time of day at which this program started, and took this long, in milliseconds. */
const SALE = { afterMs: 15 * 60_000, lengthMs: 90 * 60_000 };
/** Cores, without and with the sale, in units of what one pod uses at its target. */
const PODS = { usual: 1.6, sale: 6 };
/** Share by which the load differed from day to day. */
const NOISE = 0.06;

/**
 * The load of a component at a time in the past, in units of what one pod uses at its target: each day a sale, which begins again
 * soon. Forecasts need days of history, which a local cluster does not have.
 */
export function pastPods(atMs: number, startedMs: number): number {
  const sinceSale = (((atMs - startedMs - SALE.afterMs) % DAY_MS) + DAY_MS) % DAY_MS;
  const level = sinceSale < SALE.lengthMs ? PODS.sale : PODS.usual + 0.4 * Math.sin((sinceSale / DAY_MS) * 2 * Math.PI);
  return level * (1 + NOISE * noise(Math.round(atMs / 60_000)));
}

/**
 * Answers the operator's queries for past load in the place of Prometheus, until the lifetime ends.
 *
 * @param sample the RestAPI, once it is applied; queries wait for it
 * @returns its URL, on the loopback interface
 */
export async function startPlayedPast(sample: Promise<RestAPI>, lifetime: Lifetime): Promise<string> {
  const startedMs = Date.now();
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    const component = /container="(\w+)"/.exec(parameters.get('query') ?? '')?.[1] as ComponentName | undefined;
    const cores = component && coresAtTarget(await sample, component);
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(parameters.get(name))) as [
      number,
      number,
      number,
    ];
    const values: [number, string][] = [];
    if (cores && step > 0) {
      for (let at = start; at <= end; at += step)
        values.push([at, (cores * pastPods(at * 1_000, startedMs)).toFixed(4)]);
    }
    const result = values.length > 0 ? [{ metric: {}, values }] : [];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  lifetime.onEnd('the played past', async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** From -1 to 1, the same for the same number. */
function noise(seed: number): number {
  const mixed = Math.sin(seed * 12.9898) * 43_758.5453;
  return (mixed - Math.floor(mixed)) * 2 - 1;
}
