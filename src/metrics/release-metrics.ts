import type { Registry } from 'prom-client';
import { addScrapedMetric, type StoredObject } from '../../operator/index.ts';
import { RELEASE_RESULTS, type RestAPI } from '../../resources/index.ts';
import { isStalled, type ReleaseSlot, slotOf } from '../blue-green/release-slot.ts';
import { ReleaseTally } from './release-tally.ts';
import { named, restApiGauges } from './rest-api-gauge.ts';

/**
 * Adds the metrics of the releases of every RestAPI, computed at each scrape.
 *
 * @param apis returns all RestAPIs, called at each scrape
 * @param since releases that ended earlier are not counted
 */
export function releaseMetrics(registry: Registry, apis: () => StoredObject<RestAPI>[], since = new Date()): void {
  const tally = new ReleaseTally(since);
  addScrapedMetric(registry, {
    name: 'restapi_releases_total',
    help: 'Blue-green releases that ended since the operator started, by result: Promoted, Aborted, RolledBack or Cancelled.',
    type: 'counter',
    labelNames: ['namespace', 'name', 'result'],
    *samples() {
      for (const { api, counts } of tally.count(apis())) {
        // Zeros are exposed too, so that the first release shows as an increase.
        for (const result of RELEASE_RESULTS) yield [{ ...named(api), result }, counts.results[result]];
      }
    },
  });
  addScrapedMetric(registry, {
    name: 'restapi_rollbacks_total',
    help: 'Rollbacks to an earlier revision since the operator started, automatic or requested.',
    type: 'counter',
    labelNames: ['namespace', 'name'],
    *samples() {
      for (const { api, counts } of tally.count(apis())) yield [named(api), counts.rollbacks];
    },
  });
  slotGauge(
    'restapi_releases_in_progress',
    'Blue-green releases of a namespace that take one of the slots of `--max-releases`.',
    'InProgress',
  );
  slotGauge(
    'restapi_releases_waiting',
    'RestAPIs of a namespace whose release waits for one of the slots of `--max-releases`.',
    'Waiting',
  );
  const gauge = restApiGauges(registry, apis);
  gauge(
    'restapi_active_environment',
    'Always 1; the label environment is the one that serves a RestAPI: blue, green, or main without blue-green releases.',
    ['environment'],
    ({ status }) => (status ? [[{ environment: status.activeEnvironment ?? 'main' }, 1]] : []),
  );
  gauge(
    'restapi_release_phase',
    'Always 1 while a release is in progress; the label phase is its phase.',
    ['phase'],
    ({ status }) => (status?.release ? [[{ phase: status.release.phase }, 1]] : []),
  );
  gauge(
    'restapi_release_progress_timestamp_seconds',
    'Unix time at which the release in progress last advanced.',
    [],
    ({ status }) => (status?.release ? [[{}, Date.parse(status.release.progressedAt) / 1_000]] : []),
  );

  function slotGauge(name: string, help: string, slot: ReleaseSlot): void {
    addScrapedMetric(registry, {
      name,
      help,
      type: 'gauge',
      labelNames: ['namespace'],
      *samples() {
        // Namespaces with none show 0, so that a graph comes back to it.
        const counts = new Map<string, number>();
        for (const api of apis()) {
          const { namespace = '' } = api.metadata;
          const isCounted = slotOf(api) === slot && !(slot === 'InProgress' && isStalled(api, Date.now()));
          counts.set(namespace, (counts.get(namespace) ?? 0) + Number(isCounted));
        }
        for (const [namespace, count] of counts) yield [{ namespace }, count];
      },
    });
  }
}
