import type { Registry } from 'prom-client';
import type { StoredObject } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import type { ComponentStatus, ForecastStatus, RestAPI, ScalingStatus } from '../../resources/index.ts';
import { numberOf } from '../scaling/scaling-status.ts';
import { releaseMetrics } from './release-metrics.ts';
import { restApiGauges, type Sample } from './rest-api-gauge.ts';

/** Lower case as in kube_pod_status_ready and its like of kube-state-metrics. */
const CONDITION_STATUSES = [
  ['true', 'True'],
  ['false', 'False'],
  ['unknown', 'Unknown'],
] as const;

/**
 * Adds the metrics of each RestAPI. They are computed at each scrape from the statuses in the cache, so that no
 * series remain of a RestAPI, a component or a phase that is gone.
 *
 * @param apis all RestAPIs at that moment
 */
export function restApiMetrics(registry: Registry, apis: () => StoredObject<RestAPI>[]): void {
  const gauge = restApiGauges(registry, apis);
  gauge('restapi_info', 'Always 1; the label phase is that of the RestAPI.', ['phase'], ({ status }) => [
    [{ phase: status?.phase ?? 'Pending' }, 1],
  ]);
  gauge(
    'restapi_ready',
    'Whether a RestAPI is ready with its current spec (1) or not (0).',
    [],
    ({ metadata, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return [[{}, ready?.status === 'True' && ready.observedGeneration === metadata.generation ? 1 : 0]];
    },
  );
  gauge(
    'restapi_condition',
    'The conditions in the status of a RestAPI: 1 for the status of each condition, 0 for the two others.',
    ['type', 'status'],
    ({ status }) =>
      (status?.conditions ?? []).flatMap(({ type, status: is }) =>
        CONDITION_STATUSES.map(([label, one]) => [{ type, status: label }, is === one ? 1 : 0] as const),
      ),
  );
  releaseMetrics(registry, apis);

  ofScaling('restapi_autoscaling_min_replicas', 'Minimum replicas of an autoscaled component.', [], (scaling) => [
    [{}, scaling.minReplicas],
  ]);
  ofScaling('restapi_autoscaling_max_replicas', 'Maximum replicas of an autoscaled component.', [], (scaling) => [
    [{}, scaling.maxReplicas],
  ]);
  ofMetrics(
    'restapi_autoscaling_metric_current',
    'Current value of an autoscaling metric, from the status of the RestAPI: percent for cpu and memory.',
    'current',
  );
  ofMetrics(
    'restapi_autoscaling_metric_target',
    'Target value of an autoscaling metric: percent for cpu and memory.',
    'target',
  );
  ofForecast(
    'restapi_forecast_min_replicas',
    'Minimum replicas for the forecast load of a component.',
    ({ minReplicas }) => minReplicas,
  );
  ofForecast(
    'restapi_forecast_reliable',
    'Whether recent forecasts of the load of a component are reliable enough to scale by: 1 or 0.',
    ({ reliable }) => Number(reliable),
  );
  ofForecast(
    'restapi_forecast_error_ratio',
    'Approximate error of recent forecasts, as a share of the load of the component.',
    ({ errorPercent }) => errorPercent && errorPercent / 100,
  );
  ofComponents(
    'restapi_recommended_requests',
    'Recommended requests of each pod of a component, by usage: cores of cpu, bytes of memory.',
    ['resource'],
    ({ recommended = {} }) =>
      Object.entries(recommended).map(([resource, amount]) => [{ resource }, quantityValue(amount)]),
  );
  ofComponents('restapi_replicas', 'Desired pods of a component of a RestAPI.', [], (one) => [[{}, one.replicas]]);
  ofComponents('restapi_ready_replicas', 'Ready pods of a component of a RestAPI.', [], (one) => [
    [{}, one.readyReplicas],
  ]);

  function ofComponents(
    name: string,
    help: string,
    labels: readonly string[],
    samplesOf: (component: ComponentStatus) => readonly Sample[],
  ): void {
    gauge(name, help, ['component', ...labels], ({ status }) =>
      (status?.components ?? []).flatMap((component) =>
        samplesOf(component).map(([own, value]) => [{ component: component.name, ...own }, value] as const),
      ),
    );
  }

  /** Adds a gauge of the autoscaled components. */
  function ofScaling(
    name: string,
    help: string,
    labels: readonly string[],
    samplesOf: (scaling: ScalingStatus) => readonly Sample[],
  ): void {
    ofComponents(name, help, labels, ({ scaling }) => (scaling ? samplesOf(scaling) : []));
  }

  function ofMetrics(name: string, help: string, field: 'current' | 'target'): void {
    ofScaling(name, help, ['metric'], ({ metrics }) =>
      metrics.flatMap((one) => {
        const text = one[field];
        return text === undefined ? [] : [[{ metric: one.name }, numberOf(text)] as const];
      }),
    );
  }

  function ofForecast(name: string, help: string, of: (forecast: ForecastStatus) => number | undefined): void {
    ofScaling(name, help, [], ({ forecast }) => {
      const value = forecast && of(forecast);
      return value === undefined ? [] : [[{}, value]];
    });
  }
}
