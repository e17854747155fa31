import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Metrics of one component, in the format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'http_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['method', 'route', 'code'],
    registers: [this.#registry],
  });
  readonly #errors = new Counter({
    name: 'http_errors_total',
    help: 'HTTP requests answered with a status of 500 or above.',
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['method', 'route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.#registry],
  });

  constructor() {
    // The default precision of 10 ms wakes an idle process 100 times a second.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 1_000 });
  }

  /** @param route the pattern of the path, so that paths with ids do not become series of their own */
  observe(method: string, route: string, code: number, seconds: number): void {
    this.#requests.inc({ method, route, code });
    if (code >= 500) this.#errors.inc();
    this.#durations.observe({ method, route }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
