import { Gauge, type Registry } from 'prom-client';
import type { StoredObject } from '../operator/index.ts';
import { quantityValue } from '../operator/schema/index.ts';
import type { ForecastStatus, RestAPI, ScalingStatus } from '../resources/index.ts';
import { releaseMetrics } from './release-metrics.ts';
import { numberOf } from './scaling/scaling-status.ts';

/** Lower case as in kube_pod_status_ready and its like of kube-state-metrics. */
const CONDITION_STATUSES = [
  ['true', 'True'],
  ['false', 'False'],
  ['unknown', 'Unknown'],
] as const;

/**
 * Adds the metrics of each RestAPI. They are told anew at each scrape from the statuses in the cache, so that nothing
 * is left of a RestAPI, a component or a phase that is no more.
 *
 * @param apis all RestAPIs at that moment
 */
export function restApiMetrics(registry: Registry, apis: () => StoredObject<RestAPI>[]): void {
  const registers = [registry];
  new Gauge({
    name: 'restapi_info',
    help: 'Always 1; the labels say in which phase a RestAPI is.',
    labelNames: ['namespace', 'name', 'phase'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of apis()) {
        const { namespace = '', name } = metadata;
        this.set({ namespace, name, phase: status?.phase ?? 'Pending' }, 1);
      }
    },
  });
  new Gauge({
    name: 'restapi_ready',
    help: 'Whether a RestAPI is ready as it is asked for now (1) or not (0).',
    labelNames: ['namespace', 'name'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of apis()) {
        const { namespace = '', name, generation } = metadata;
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        this.set({ namespace, name }, ready?.status === 'True' && ready.observedGeneration === generation ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'restapi_condition',
    help: 'The conditions in the status of a RestAPI: 1 for the status each has, 0 for the two others.',
    labelNames: ['namespace', 'name', 'type', 'status'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of apis()) {
        const { namespace = '', name } = metadata;
        for (const { type, status: is } of status?.conditions ?? []) {
          for (const [label, one] of CONDITION_STATUSES) {
            this.set({ namespace, name, type, status: label }, is === one ? 1 : 0);
          }
        }
      }
    },
  });
  releaseMetrics(registry, apis);
  const gauge = (name: string, help: string, field: 'replicas' | 'readyReplicas') =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', 'component'],
      registers,
      collect() {
        this.reset();
        for (const { metadata, status } of apis()) {
          const { namespace = '', name } = metadata;
          for (const component of status?.components ?? []) {
            this.set({ namespace, name, component: component.name }, component[field]);
          }
        }
      },
    });
  const scaling = (name: string, help: string, of: (status: ScalingStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', 'component'],
      registers,
      collect() {
        this.reset();
        for (const { labels, scaling } of scaled(apis())) this.set(labels, of(scaling));
      },
    });
  scaling(
    'restapi_autoscaling_min_replicas',
    'Fewest pods of a component that follows its load.',
    (one) => one.minReplicas,
  );
  scaling(
    'restapi_autoscaling_max_replicas',
    'Most pods of a component that follows its load.',
    (one) => one.maxReplicas,
  );
  const metric = (name: string, help: string, field: 'current' | 'target') =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', 'component', 'metric'],
      registers,
      collect() {
        this.reset();
        for (const { labels, scaling } of scaled(apis())) {
          for (const one of scaling.metrics) {
            const text = one[field];
            if (text !== undefined) this.set({ ...labels, metric: one.name }, numberOf(text));
          }
        }
      },
    });
  metric(
    'restapi_autoscaling_metric_current',
    'What the number of pods follows, as the status of the RestAPI says: percent for cpu and memory.',
    'current',
  );
  metric('restapi_autoscaling_metric_target', 'What it should be: percent for cpu and memory.', 'target');
  const forecast = (name: string, help: string, of: (status: ForecastStatus) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', 'component'],
      registers,
      collect() {
        this.reset();
        for (const { labels, scaling } of scaled(apis())) {
          const value = scaling.forecast && of(scaling.forecast);
          if (value !== undefined) this.set(labels, value);
        }
      },
    });
  forecast(
    'restapi_forecast_min_replicas',
    'Fewest pods for the load of a component that is to come.',
    (one) => one.minReplicas,
  );
  forecast(
    'restapi_forecast_reliable',
    'Whether forecasts of the load of a component were good enough lately to be followed: 1 or 0.',
    (one) => Number(one.reliable),
  );
  forecast(
    'restapi_forecast_error_ratio',
    'How wrong forecasts of the load of a component were lately, as a share of it, about.',
    ({ errorPercent }) => errorPercent && errorPercent / 100,
  );
  new Gauge({
    name: 'restapi_recommended_requests',
    help: 'What each pod of a component should request, by what they use: cores of cpu, bytes of memory.',
    labelNames: ['namespace', 'name', 'component', 'resource'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of apis()) {
        const { namespace = '', name } = metadata;
        for (const component of status?.components ?? []) {
          for (const [resource, amount] of Object.entries(component.recommended ?? {})) {
            this.set({ namespace, name, component: component.name, resource }, quantityValue(amount as string));
          }
        }
      }
    },
  });
  gauge('restapi_replicas', 'Pods a component of a RestAPI should have.', 'replicas');
  gauge('restapi_ready_replicas', 'Pods of a component of a RestAPI that are ready.', 'readyReplicas');
}

/** The components that follow their load. */
function scaled(apis: StoredObject<RestAPI>[]) {
  return apis.flatMap(({ metadata: { namespace = '', name }, status }) =>
    (status?.components ?? []).flatMap((component) => {
      const { scaling } = component;
      return scaling ? [{ labels: { namespace, name, component: component.name }, scaling }] : [];
    }),
  );
}
