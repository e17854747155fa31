import type { Registry } from 'prom-client';
import { addScrapedMetric, type ScrapedSample, type StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';

/** A value and its labels, except for the namespace and name of the RestAPI. */
export type Sample = ScrapedSample;

/** Adds a gauge. @param labels their names, besides namespace and name @param samplesOf its values for one RestAPI */
export type AddGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  samplesOf: (api: StoredObject<RestAPI>) => readonly Sample[],
) => void;

/**
 * Adds gauges of each RestAPI, computed at each scrape, so that no stale series remain.
 *
 * @param apis all RestAPIs at that moment
 */
export function restApiGauges(registry: Registry, apis: () => StoredObject<RestAPI>[]): AddGauge {
  return (name, help, labels, samplesOf) => {
    const labelNames = ['namespace', 'name', ...labels];
    addScrapedMetric(registry, { name, help, type: 'gauge', labelNames, samples: () => ofEach(apis(), samplesOf) });
  };
}

function* ofEach(
  apis: readonly StoredObject<RestAPI>[],
  samplesOf: (api: StoredObject<RestAPI>) => readonly Sample[],
): Generator<Sample> {
  for (const api of apis) {
    for (const [own, value] of samplesOf(api)) yield [{ ...named(api), ...own }, value];
  }
}

/** The labels that identify the RestAPI. */
export function named({ metadata: { namespace = '', name } }: StoredObject<RestAPI>) {
  return { namespace, name };
}
