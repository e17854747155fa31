import type { WorkQueue } from '../queue/work-queue.ts';
import type { HealthCheck } from './health-endpoint.ts';

/** A queue and its name. */
export interface NamedQueue {
  name: string;
  queue: Pick<WorkQueue, 'stuckFor'>;
}

/**
 * Fails while a run of a queue has been running for longer than a limit: a handler that does not return blocks its key for ever,
 * and only a restart helps.
 *
 * @param queues the current queues
 * @param limitMs milliseconds
 */
export function stuckRunCheck(queues: () => Iterable<NamedQueue>, limitMs: number): HealthCheck {
  return () => {
    for (const { name, queue } of queues()) {
      const stuck = queue.stuckFor(limitMs);
      if (!stuck) continue;
      const minutes = Math.floor(stuck.ms / 60_000);
      const lasts = minutes > 0 ? `${minutes} min` : `${Math.floor(stuck.ms / 1000)} s`;
      return `${name}: the handler of ${stuck.key} has not returned for ${lasts}; restart the operator`;
    }
    return undefined;
  };
}
