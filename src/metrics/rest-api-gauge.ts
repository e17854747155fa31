import type { Registry } from 'prom-client';
import { addScrapedMetric, type ScrapedSample, type StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';

/** A value and its labels, without the RestAPI's namespace and name. */
export type Sample = ScrapedSample;

/** Adds a gauge. @param labels label names in addition to namespace and name @param samplesOf the values of one RestAPI */
export type AddGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  samplesOf: (api: StoredObject<RestAPI>) => readonly Sample[],
) => void;

/**
 * Returns a function that adds gauges of every RestAPI. Each scrape computes their values, so that no series outlives its RestAPI.
 *
 * @param apis returns all RestAPIs, called at each scrape
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

/** The labels that identify the RestAPI of a value. */
export function named({ metadata: { namespace = '', name } }: StoredObject<RestAPI>) {
  return { namespace, name };
}
