import type { Metric, Registry } from 'prom-client';
import { shareLoop } from '../async/loop-share.ts';

/** A value and its labels. */
export type ScrapedSample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric whose values are computed at each scrape. */
export interface ScrapedMetric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  labelNames: readonly string[];
  /** Returns the current values. Of two with the same labels the later one wins. An earlier call may still be running. */
  samples: () => Iterable<ScrapedSample>;
}

/** Samples after which the event loop may get a turn. */
const SLICE = 50;

/**
 * Adds a metric with thousands of values to a registry. Unlike a prom-client Gauge with `collect`, it yields to the event loop while
 * it computes them, keeps nothing between scrapes, and concurrent scrapes do not interfere.
 *
 * A scrape fails if a sample has a label that is not in `labelNames`, or a value that is not a number.
 */
export function addScrapedMetric(registry: Registry, metric: ScrapedMetric): void {
  const { name, help, type, labelNames } = metric;
  const asOthers = {
    name,
    help,
    type,
    labelNames,
    aggregator: 'sum',
    reset: () => {},
    get: async () => ({ name, help, type, aggregator: 'sum', values: await valuesOf(metric) }),
  };
  registry.registerMetric(asOthers as unknown as Metric);
}

async function valuesOf({ name, labelNames, samples }: ScrapedMetric): Promise<{ labels: object; value: number }[]> {
  const values = new Map<string, { labels: object; value: number }>();
  let seen = 0;
  for (const [labels, value] of samples()) {
    let series = '';
    for (const label of labelNames) series += `${labels[label] ?? ''}\n`;
    if (typeof value !== 'number') throw new TypeError(`${name}: the value of ${series} is not a number: ${value}`);
    for (const label in labels) {
      if (!labelNames.includes(label)) throw new Error(`${name} has no label ${label}`);
    }
    values.set(series, { labels, value });
    if (++seen % SLICE === 0) await shareLoop();
  }
  return [...values.values()];
}
