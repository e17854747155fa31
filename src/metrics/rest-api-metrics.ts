import type { Registry } from 'prom-client';
import type { StoredObject } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import type { ComponentStatus, ForecastStatus, RestAPI, ScalingStatus } from '../../resources/index.ts';
import { numberOf } from '../scaling/scaling-status.ts';
import { releaseMetrics } from './release-metrics.ts';
import { restApiGauges, type Sample } from './rest-api-gauge.ts';

/** Lower case, as in kube_pod_status_ready and similar metrics of kube-state-metrics. */
const CONDITION_STATUSES = [
  ['true', 'True'],
  ['false', 'False'],
  ['unknown', 'Unknown'],
] as const;

/**
 * Adds the metrics of every RestAPI. Each scrape computes them from the statuses in the cache, so that no series outlives its
 * RestAPI, component or phase.
 *
 * @param apis returns all RestAPIs, called at each scrape
 */
export function restApiMetrics(registry: Registry, apis: () => StoredObject<RestAPI>[]): void {
  const gauge = restApiGauges(registry, apis);
  gauge(
    'restapi_info',
    'Always 1; the label phase is the phase of a RestAPI: Pending before its first reconcile.',
    ['phase'],
    ({ status }) => [[{ phase: status?.phase ?? 'Pending' }, 1]],
  );
  gauge('restapi_ready', '1 if a RestAPI is ready with its current spec, else 0.', [], ({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return [[{}, ready?.status === 'True' && ready.observedGeneration === metadata.generation ? 1 : 0]];
  });
  gauge(
    'restapi_condition',
    'Conditions of a RestAPI: 1 for the status that a condition has (true, false or unknown), 0 for the two others.',
    ['type', 'status'],
    ({ status }) =>
      (status?.conditions ?? []).flatMap(({ type, status: is }) =>
        CONDITION_STATUSES.map(([label, one]) => [{ type, status: label }, is === one ? 1 : 0] as const),
      ),
  );
  releaseMetrics(registry, apis);

  ofScaling('restapi_autoscaling_min_replicas', 'Minimum number of pods of an autoscaled component.', [], (scaling) => [
    [{}, scaling.minReplicas],
  ]);
  ofScaling('restapi_autoscaling_max_replicas', 'Maximum number of pods of an autoscaled component.', [], (scaling) => [
    [{}, scaling.maxReplicas],
  ]);
  ofMetrics(
    'restapi_autoscaling_metric_current',
    'Current value of a metric that scales a component, from the status of the RestAPI: percent for cpu and memory.',
    'current',
  );
  ofMetrics(
    'restapi_autoscaling_metric_target',
    'Target of a metric that scales a component: percent for cpu and memory.',
    'target',
  );
  ofForecast(
    'restapi_forecast_min_replicas',
    'Minimum number of pods for the forecast load of a component.',
    ({ minReplicas }) => minReplicas,
  );
  ofForecast(
    'restapi_forecast_reliable',
    '1 if recent forecasts for a component were accurate enough to scale it by, else 0.',
    ({ reliable }) => Number(reliable),
  );
  ofForecast(
    'restapi_forecast_error_ratio',
    'Approximate error of recent forecasts for a component, as a ratio of its load.',
    ({ errorPercent }) => errorPercent && errorPercent / 100,
  );
  ofComponents(
    'restapi_recommended_requests',
    'Recommended requests per pod of a component, from measured usage: cores of cpu, bytes of memory.',
    ['resource'],
    ({ recommended = {} }) =>
      Object.entries(recommended).map(([resource, amount]) => [{ resource }, quantityValue(amount)]),
  );
  ofComponents('restapi_replicas', 'Desired pods of a component.', [], (one) => [[{}, one.replicas]]);
  ofComponents('restapi_ready_replicas', 'Ready pods of a component.', [], (one) => [[{}, one.readyReplicas]]);

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
