import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestObservation } from '../transport/api-client-types.ts';
import { DURATION_BUCKETS } from './duration-buckets.ts';

/** Metrics of requests to the API server, under the names of client-go where it has them. */
export class RequestMetrics {
  readonly #requests: Counter<'method' | 'resource' | 'code'>;
  readonly #duration: Histogram<'verb'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'rest_client_requests_total',
      help: 'Requests to the API server, each try counted; code: the HTTP status, or network, timeout, aborted or refused where there was no answer, unexpected where no API server answers so.',
      labelNames: ['method', 'resource', 'code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'How long requests took from being sent to the end of the answer, watches to its beginning.',
      labelNames: ['verb'],
      buckets: DURATION_BUCKETS,
      registers,
    });
  }

  /** A try of a request has ended. */
  ended({ method, verb, resource, code, durationSeconds }: RequestObservation): void {
    this.#requests.inc({ method, resource, code });
    this.#duration.observe({ verb }, durationSeconds);
  }
}
