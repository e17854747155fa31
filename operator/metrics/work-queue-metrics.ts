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
    this.#adds = new Counter({ ...common, name: 'workqueue_adds_total', help: 'Keys added to the queue.' });
    this.#retries = new Counter({
      ...common,
      name: 'workqueue_retries_total',
      help: 'Keys to come back after a delay, as their run failed or asked for it.',
    });
    this.#waited = new Histogram({
      ...common,
      name: 'workqueue_queue_duration_seconds',
      help: 'How long keys waited in the queue before they were processed.',
      buckets: DURATION_BUCKETS,
    });
    this.#worked = new Histogram({
      ...common,
      name: 'workqueue_work_duration_seconds',
      help: 'How long processing a key took.',
      buckets: DURATION_BUCKETS,
    });
    const queues = this.#queues;
    new Gauge({
      ...common,
      name: 'workqueue_depth',
      help: 'Keys that wait now.',
      collect() {
        this.reset();
        for (const { name, queue } of queues) this.inc({ name }, queue.depth);
      },
    });
    new Gauge({
      ...common,
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How long the oldest run under way has been running.',
      collect() {
        const longest = new Map<string, number>();
        for (const { name, queue } of queues) longest.set(name, Math.max(longest.get(name) ?? 0, queue.longestRunMs));
        for (const [name, ms] of longest) this.set({ name }, ms / 1000);
      },
    });
  }

  /** What to tell of a queue of this name. Its counters stand at 0 from now on. */
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
      ended: (ranMs) => worked.observe(ranMs / 1000),
      retried: () => retries.inc(),
    };
  }

  /** Shows the state of a queue at each scrape; that of several of one name together. */
  show(name: string, queue: WorkQueue): void {
    this.#queues.push({ name, queue });
  }
}
