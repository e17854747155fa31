import type { Registry } from 'prom-client';
import type { Endpoint } from '../health/endpoint.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { exposition } from './exposition.ts';

/** Serves all metrics of a registry; 500 if a collector fails, with the error in the log. */
export function metricsEndpoint(registry: Registry, logger: Logger): Endpoint {
  return async () => {
    try {
      return { status: 200, contentType: registry.contentType, body: await exposition(registry) };
    } catch (error) {
      logger.error('Could not collect metrics', errorFields(error));
      return {
        status: 500,
        contentType: 'text/plain; charset=utf-8',
        body: 'could not collect metrics; see the operator log\n',
      };
    }
  };
}
