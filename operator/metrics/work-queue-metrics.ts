import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { WorkQueueObserver } from '../queue/work-queue-observer.ts';
import { DURATION_BUCKETS } from './duration-buckets.ts';

/** Metrics of work queues, under the names all Kubernetes controllers use (k8s.io/component-base/metrics). */
export class WorkQueueMetrics {
  readonly #adds: Counter<'name'>;
  readonly #retries: Counter<'name'>;
  readonly #waited: Histogram<'name'>;
  readonly #worked: Histogram<'name'>;
  readonly #queues: { name: string; queue: WorkQueue }[] = [];

  constructor(registry: Registry) {
    const common = { labelNames: ['name'] as const, registers: [registry] };
    this.#adds = new Counter({ ...common, name: 'workqueue_adds_total', help: 'Keys added to the work queue.' });
    this.#retries = new Counter({
      ...common,
      name: 'workqueue_retries_total',
      help: 'Keys requeued with a delay because their reconcile failed or requested it.',
    });
    this.#waited = new Histogram({
      ...common,
      name: 'workqueue_queue_duration_seconds',
      help: 'Time that keys waited in the work queue, in seconds.',
      buckets: DURATION_BUCKETS,
    });
    this.#worked = new Histogram({
      ...common,
      name: 'workqueue_work_duration_seconds',
      help: 'Time that processing a key took, in seconds.',
      buckets: DURATION_BUCKETS,
    });
    const gauge = (name: string, help: string, of: (queue: WorkQueue) => number, join = sum) =>
      this.#gauge(common, name, help, of, join);
    gauge('workqueue_depth', 'Keys waiting in the work queue.', ({ depth }) => depth);
    gauge(
      'workqueue_longest_running_processor_seconds',
      'Running time of the longest running reconcile, in seconds.',
      ({ longestRunMs }) => longestRunMs / 1000,
      Math.max,
    );
    gauge(
      'operator_workqueue_parked',
      'Keys set aside until a dependency is available, such as a cache that shows the last write.',
      ({ parked }) => parked,
    );
    gauge(
      'operator_workqueue_slow_runs',
      'Reconciles that exceeded 0.5 s and gave their worker slot to other keys; at most 256, and 32 of one namespace.',
      ({ slow }) => slow,
    );
    gauge(
      'operator_workqueue_stuck_runs',
      'Reconciles that have been running for more than 5 minutes: their handler does not return.',
      ({ stuck }) => stuck,
    );
    gauge(
      'operator_workqueue_failing',
      'Keys whose last reconcile failed; each is retried with a growing backoff.',
      ({ failing }) => failing,
    );
    gauge(
      'operator_workqueue_oldest_failing_seconds',
      'Time that the longest failing key has been failing, in seconds; 0 without failing keys.',
      ({ oldestFailureMs }) => oldestFailureMs / 1000,
      Math.max,
    );
  }

  /** Returns the observer of a queue of this name. Its counters start at 0. */
  observer(name: string): WorkQueueObserver {
    const [adds, retries] = [this.#adds.labels(name), this.#retries.labels(name)];
    const [waited, worked] = [this.#waited.labels(name), this.#worked.labels(name)];
    adds.inc(0);
    retries.inc(0);
    this.#waited.zero({ name });
    this.#worked.zero({ name });
    return {
      added: () => adds.inc(),
      started: (waitedMs) => waited.observe(waitedMs / 1000),
      timedOut: () => {},
      ended: (ranMs) => worked.observe(ranMs / 1000),
      retried: () => retries.inc(),
    };
  }

  /** Shows the state of a queue at each scrape. Queues of the same name are combined. */
  show(name: string, queue: WorkQueue): void {
    this.#queues.push({ name, queue });
  }

  /** Adds a gauge of the queues' state at each scrape. @param join combines the values of queues of the same name */
  #gauge(
    common: { labelNames: readonly ['name']; registers: Registry[] },
    name: string,
    help: string,
    of: (queue: WorkQueue) => number,
    join: (one: number, other: number) => number,
  ): void {
    const queues = this.#queues;
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        const values = new Map<string, number>();
        for (const { name: queueName, queue } of queues) {
          const known = values.get(queueName);
          values.set(queueName, known === undefined ? of(queue) : join(known, of(queue)));
        }
        for (const [queueName, value] of values) this.set({ name: queueName }, value);
      },
    });
  }
}

function sum(one: number, other: number): number {
  return one + other;
}
