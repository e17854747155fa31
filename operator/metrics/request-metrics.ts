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
      help: 'Requests to the API server, each attempt counted; code: the HTTP status, network, timeout, aborted or refused without a response, or unexpected for a response that is not from a Kubernetes API.',
      labelNames: ['method', 'resource', 'code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Duration of requests from sending to the end of the response (watches: to the response headers).',
      labelNames: ['verb'],
      buckets: DURATION_BUCKETS,
      registers,
    });
  }

  /** An attempt of a request has ended. */
  ended({ method, verb, resource, code, durationSeconds }: RequestObservation): void {
    this.#requests.inc({ method, resource, code });
    this.#duration.observe({ verb }, durationSeconds);
  }
}
