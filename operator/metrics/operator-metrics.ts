import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WorkQueueObserver } from '../queue/work-queue-observer.ts';
import { CacheMetrics } from './cache-metrics.ts';
import { ReconcileMetrics } from './reconcile-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';
import { WorkQueueMetrics } from './work-queue-metrics.ts';

/** The state of an operator that is read at each scrape. */
export interface OperatorState {
  /** Name and version of the operator's program. */
  readonly name: string;
  readonly version: string;
  leading(): boolean;
  caches: ConstructorParameters<typeof CacheMetrics>[1];
}

/**
 * The metrics of one operator, in a registry of its own, so that several operators in one process are separate. No label has names
 * of objects, so that the number of series stays small.
 *
 * @example
 * ```ts
 * new Counter({ name: 'greetings_total', help: 'Greetings said.', registers: [operator.metrics.registry] });
 * ```
 */
export class OperatorMetrics {
  /** Custom metrics may be added here. */
  readonly registry = new Registry();
  readonly requests: RequestMetrics;
  readonly caches: CacheMetrics;
  readonly queues: WorkQueueMetrics;
  readonly reconciles: ReconcileMetrics;

  constructor({ name, version, leading, caches }: OperatorState) {
    const { registry } = this;
    this.requests = new RequestMetrics(registry);
    this.caches = new CacheMetrics(registry, caches);
    this.queues = new WorkQueueMetrics(registry);
    this.reconciles = new ReconcileMetrics(registry);
    new Gauge({
      name: 'operator_leader',
      help: '1 if this operator is the leader or runs without leader election, 0 if it is a standby.',
      registers: [registry],
      collect() {
        this.set(leading() ? 1 : 0);
      },
    });
    new Gauge({
      name: 'operator_build_info',
      help: 'Always 1; the labels are the name and version of the operator.',
      labelNames: ['name', 'version'],
      registers: [registry],
    }).set({ name, version }, 1);
  }

  /**
   * Adds prom-client's metrics of the process and of Node. Only where metrics are served, as it measures the event loop and garbage
   * collection all the time.
   */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Returns the observer of a controller's queue. */
  controller(controller: string): WorkQueueObserver {
    this.reconciles.show(controller);
    const queue = this.queues.observer(controller);
    return {
      ...queue,
      timedOut: () => this.reconciles.timedOut(controller),
      ended: (ranMs, result) => {
        queue.ended(ranMs, result);
        this.reconciles.ended(controller, ranMs, result);
      },
    };
  }
}
