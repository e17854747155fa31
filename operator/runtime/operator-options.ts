import type { KubeConfig } from '@kubernetes/client-node';
import type { DashboardOptions } from '../dashboard/dashboard.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import type { LeaderElectionOptions } from '../leader/election-options.ts';
import type { Logger } from '../log/logger.ts';
import type { WorkQueueOptions } from '../queue/work-queue.ts';
import type { Tracer } from '../tracing/tracer.ts';

/** How to build an Operator. Everything has a default. */
export interface OperatorOptions {
  /** Name of this operator: its field manager, the managed-by label of what it generates, its name in Events. */
  name?: string;
  /** Where the cluster is and who we are. Default: as kubectl finds it, or the pod's ServiceAccount. */
  kubeConfig?: KubeConfig;
  logger?: Logger;
  /** Controllers to run, their classes decorated with `@Controller`: the class, or an object of it. */
  controllers?: (Class | object)[];
  /** Watch this namespace only. Default: all. */
  namespace?: string;
  /** Added to the User-Agent, such as a version; the `version` of `operator_build_info`. */
  userAgent?: string;
  queue?: WorkQueueOptions;
  /** Of several operators with the same Lease one works, the others stand by. Left out: this one works alone. */
  leaderElection?: LeaderElectionOptions;
  /** Where `/healthz` and `/readyz` are answered, such as `:8081`. Left out: nowhere. */
  healthAddress?: string;
  /**
   * `/healthz` fails while a handler has not returned for so many milliseconds, so that the kubelet restarts the process.
   * Default 10 minutes.
   */
  unhealthyAfterMs?: number;
  /**
   * Where `/metrics` is answered, such as `:8080`; may be the same as `healthAddress`, then one server answers both.
   * Left out: nowhere, and nothing of the process is measured.
   */
  metricsAddress?: string;
  /** A page of what is in the caches, for people on the same machine. Left out: none. */
  dashboard?: DashboardOptions;
  /** Each resource is looked at again this often, in milliseconds; costs no request. Default 10 minutes. */
  resyncMs?: number;
  /** How many requests, watches aside, may be under way at once. Default 16. */
  maxConcurrentRequests?: number;
  /** Deadline of one request with all its retries, in milliseconds. Default 15,000. */
  requestTimeoutMs?: number;
  informerTimings?: Partial<InformerTimings>;
  /** Records each run as a trace, see `startTracing()`. Left out: nothing is recorded. */
  tracer?: Tracer;
}
