import type { EventRecorder } from '../events/event-recorder.ts';
import type { Logger } from '../log/logger.ts';
import type { OperatorMetrics } from '../metrics/operator-metrics.ts';
import type { WorkQueueOptions } from '../queue/work-queue.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { InformerPool } from './informer-pool.ts';
import type { SecretHashes } from './secret-hashes.ts';

/** What a controller needs from the operator it runs in. */
export interface RunnerServices {
  client: ApiClient;
  informers: InformerPool;
  events: EventRecorder;
  metrics: OperatorMetrics;
  /** Left out: nothing is traced. */
  tracer?: Tracer;
  logger: Logger;
  /** Field manager and managed-by label of everything generated. */
  fieldManager: string;
  /** The leadership term, asked at every write. Left out, or undefined: there is no election. */
  term?: () => number | undefined;
  /** Called when the server rejected a write because another process leads. */
  doubtLead?: (reason: string) => void;
  /** Aborts when the lead is lost. Left out, or undefined: there is no election. */
  leadingSignal?: () => AbortSignal | undefined;
  /** Left out: hashes of Secrets have no key. */
  secretHashes?: SecretHashes;
  queue: WorkQueueOptions;
  /** Interval of the resync, in milliseconds. */
  resyncMs: number;
}
