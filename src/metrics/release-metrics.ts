import type { Registry } from 'prom-client';
import { addScrapedMetric, type StoredObject } from '../../operator/index.ts';
import { RELEASE_RESULTS, type RestAPI } from '../../resources/index.ts';
import { ReleaseTally } from './release-tally.ts';
import { named, restApiGauges } from './rest-api-gauge.ts';

/**
 * Adds the metrics of the releases of each RestAPI, computed at each scrape.
 *
 * @param apis all RestAPIs at that moment
 * @param since releases that ended before are not counted
 */
export function releaseMetrics(registry: Registry, apis: () => StoredObject<RestAPI>[], since = new Date()): void {
  const tally = new ReleaseTally(since);
  addScrapedMetric(registry, {
    name: 'restapi_releases_total',
    help: 'Blue-green releases that ended since the operator started, by result.',
    type: 'counter',
    labelNames: ['namespace', 'name', 'result'],
    *samples() {
      for (const { api, counts } of tally.count(apis())) {
        // Those at 0 as well, so that the first one is seen as a rise.
        for (const result of RELEASE_RESULTS) yield [{ ...named(api), result }, counts.results[result]];
      }
    },
  });
  addScrapedMetric(registry, {
    name: 'restapi_rollbacks_total',
    help: 'Rollbacks to an earlier revision since the operator started.',
    type: 'counter',
    labelNames: ['namespace', 'name'],
    *samples() {
      for (const { api, counts } of tally.count(apis())) yield [named(api), counts.rollbacks];
    },
  });
  const gauge = restApiGauges(registry, apis);
  gauge(
    'restapi_active_environment',
    'Always 1; the label environment is the one that receives the traffic: blue, green, or main without blue-green releases.',
    ['environment'],
    ({ status }) => (status ? [[{ environment: status.activeEnvironment ?? 'main' }, 1]] : []),
  );
  gauge(
    'restapi_release_phase',
    'Always 1; the label phase is that of the release in progress.',
    ['phase'],
    ({ status }) => (status?.release ? [[{ phase: status.release.phase }, 1]] : []),
  );
  gauge(
    'restapi_release_progress_timestamp_seconds',
    'When the release in progress last made progress, in Unix time.',
    [],
    ({ status }) => (status?.release ? [[{}, Date.parse(status.release.progressedAt) / 1_000]] : []),
  );
}
