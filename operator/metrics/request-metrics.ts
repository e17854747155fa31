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
      help: "Requests to the API server, each attempt counted. The label code is the HTTP status; without a response network, timeout or aborted; unexpected for a response that is not from an API server, such as a gateway's error page; refused for a write blocked because this operator is not the leader.",
      labelNames: ['method', 'resource', 'code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Duration of requests to the API server in seconds, to the end of the response, or to its start for watches.',
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
