import { Registry } from 'prom-client';
import { shareLoop } from '../async/loop-share.ts';

/** So many samples are written before it is looked whether the event loop is due a turn: a fraction of a millisecond. */
const SLICE = 100;

/** Metrics as prom-client has them, custom ones included. */
interface Collected {
  get(): Promise<{ values: unknown[] }>;
  getForPromString?(): Promise<{ values: unknown[] }>;
}

/**
 * All metrics of a registry in the text format of Prometheus, the same text as `registry.metrics()`, with turns for the
 * event loop in between: tens of thousands of samples take a second to write.
 *
 * @throws what a collector throws
 */
export async function exposition(registry: Registry): Promise<string> {
  // OpenMetrics has rules of its own; an Operator's registry does not speak it.
  if ((registry.contentType as string) !== Registry.PROMETHEUS_CONTENT_TYPE) return registry.metrics();
  const metrics: string[] = [];
  for (const metric of registry.getMetricsAsArray() as unknown as Collected[]) {
    const collected = await (metric.getForPromString ? metric.getForPromString() : metric.get());
    metrics.push(await textOf(registry, collected));
    await shareLoop();
  }
  return `${metrics.join('\n\n')}\n`;
}

/** What prom-client has and does not declare. */
interface Writer {
  /** One metric in the registry's format, without a new line at the end. */
  getMetricsAsString(metric: Collected): Promise<string>;
}

async function textOf(registry: Registry, collected: { values: unknown[] }): Promise<string> {
  // prom-client writes each slice, as if it were all the metric has.
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
