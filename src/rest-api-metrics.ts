import { Gauge, type Registry } from 'prom-client';
import type { StoredObject } from '../operator/index.ts';
import type { RestAPI } from '../resources/index.ts';

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
  gauge('restapi_replicas', 'Pods a component of a RestAPI should have.', 'replicas');
  gauge('restapi_ready_replicas', 'Pods of a component of a RestAPI that are ready.', 'readyReplicas');
}
