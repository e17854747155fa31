import { Counter, Histogram, type Registry } from 'prom-client';
import type { RunResult } from '../queue/work-queue-observer.ts';
import type { Step } from '../reconcile/plan.ts';
import { DURATION_BUCKETS } from './duration-buckets.ts';

const RESULTS: readonly RunResult[] = ['success', 'requeue', 'unchanged', 'parked', 'error'];

/** Metrics of controllers. The label `controller` is the name of the class, or of the watched kind. */
export class ReconcileMetrics {
  readonly #runs: Counter<'controller' | 'result'>;
  readonly #errors: Counter<'controller'>;
  readonly #duration: Histogram<'controller'>;
  readonly #applied: Counter<'controller' | 'kind' | 'action'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#runs = new Counter({
      name: 'operator_reconcile_total',
      help: 'Reconciles by result: success, requeue (the handler requested another run), unchanged (nothing to do), parked (waits for a dependency; no handler was called), error.',
      labelNames: ['controller', 'result'],
      registers,
    });
    this.#errors = new Counter({
      name: 'operator_reconcile_errors_total',
      help: 'Reconciles that failed; each is retried.',
      labelNames: ['controller'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'operator_reconcile_duration_seconds',
      help: 'Duration of reconciles in seconds, without unchanged and parked ones.',
      labelNames: ['controller'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#applied = new Counter({
      name: 'operator_applied_objects_total',
      help: 'Writes of generated objects by action: create, update, repair (reverts a change by another client), delete.',
      labelNames: ['controller', 'kind', 'action'],
      registers,
    });
  }

  /** Shows a controller with all its counters at 0, so that the first failure is seen as a rise. */
  show(controller: string): void {
    for (const result of RESULTS) this.#runs.inc({ controller, result }, 0);
    this.#errors.inc({ controller }, 0);
    this.#duration.zero({ controller });
  }

  /** A run timed out, or its wait did. Counted as an error now, as the run may never end. */
  timedOut(controller: string): void {
    this.#runs.inc({ controller, result: 'error' });
    this.#errors.inc({ controller });
  }

  /** A run of a controller has ended. @param result `late`: it timed out, and was counted then */
  ended(controller: string, ranMs: number, result: RunResult | 'late'): void {
    if (result !== 'late') this.#runs.inc({ controller, result });
    if (result === 'error') this.#errors.inc({ controller });
    if (result !== 'unchanged' && result !== 'parked') this.#duration.observe({ controller }, ranMs / 1000);
  }

  /** A controller has written an object of a kind. */
  applied(controller: string, kind: string, step: Step): void {
    const action = step.action === 'update' && step.drift ? 'repair' : step.action;
    this.#applied.inc({ controller, kind, action });
  }
}
