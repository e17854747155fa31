import { Registry } from 'prom-client';
import { shareLoop } from '../async/loop-share.ts';

/** Samples written before the event loop may get a turn: a fraction of a millisecond. */
const SLICE = 100;

/** A metric of prom-client, also a custom one. */
interface Collected {
  get(): Promise<{ values: unknown[] }>;
  getForPromString?(): Promise<{ values: unknown[] }>;
}

/**
 * Returns all metrics of a registry in the Prometheus text format, the same text as `registry.metrics()`, but yields to the event
 * loop: tens of thousands of samples take a second to write.
 *
 * @throws what a collector throws
 */
export async function exposition(registry: Registry): Promise<string> {
  // OpenMetrics has other rules; an Operator's registry does not use it.
  if ((registry.contentType as string) !== Registry.PROMETHEUS_CONTENT_TYPE) return registry.metrics();
  const metrics: string[] = [];
  for (const metric of registry.getMetricsAsArray() as unknown as Collected[]) {
    const collected = await (metric.getForPromString ? metric.getForPromString() : metric.get());
    metrics.push(await textOf(registry, collected));
    await shareLoop();
  }
  return `${metrics.join('\n\n')}\n`;
}

/** A method of prom-client that its types do not declare. */
interface Writer {
  /** One metric in the registry's format, without a new line at the end. */
  getMetricsAsString(metric: Collected): Promise<string>;
}

async function textOf(registry: Registry, collected: { values: unknown[] }): Promise<string> {
  // prom-client writes each slice as if it were the whole metric.
  const write = (values: unknown[]) =>
    (registry as unknown as Writer).getMetricsAsString({ get: async () => ({ ...collected, values }) });
  const parts = [await write([])];
  const header = parts[0]?.length ?? 0;
  for (let from = 0; from < collected.values.length; from += SLICE) {
    const written = await write(collected.values.slice(from, from + SLICE));
    parts.push(written.slice(header));
    await shareLoop();
  }
  return parts.join('');
}
