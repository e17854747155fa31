import { Gauge, type Registry } from 'prom-client';
import type { StoredObject } from '../operator/index.ts';
import type { RestAPI } from '../resources/index.ts';

/** A value, and the labels it has besides the RestAPI's namespace and name. */
export type Sample = readonly [labels: Record<string, string>, value: number];

/** Adds a gauge. @param labels their names, besides namespace and name @param samplesOf its values for one RestAPI */
export type AddGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  samplesOf: (api: StoredObject<RestAPI>) => readonly Sample[],
) => void;

/**
 * Adds gauges of each RestAPI, told anew at each scrape, so that nothing is left of what is no more.
 *
 * @param apis all RestAPIs at that moment
 */
export function restApiGauges(registry: Registry, apis: () => StoredObject<RestAPI>[]): AddGauge {
  return (name, help, labels, samplesOf) => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const api of apis()) {
          for (const [own, value] of samplesOf(api)) this.set({ ...named(api), ...own }, value);
        }
      },
    });
  };
}

/** The labels that say which RestAPI a value is of. */
export function named({ metadata: { namespace = '', name } }: StoredObject<RestAPI>) {
  return { namespace, name };
}
