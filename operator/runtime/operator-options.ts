import type { KubeConfig } from '@kubernetes/client-node';
import type { DashboardOptions } from '../dashboard/dashboard.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import type { LeaderElectionOptions } from '../leader/election-options.ts';
import type { Logger } from '../log/logger.ts';
import type { WorkQueueOptions } from '../queue/work-queue.ts';
import type { SecureServing } from '../serving/secure-serving.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { HashKey } from './secret-hashes.ts';

/** The options of an Operator. All are optional. */
export interface OperatorOptions {
  /** Name of this operator: its field manager, the managed-by label of generated objects, its name in Events. Default `operator`. */
  name?: string;
  /** The cluster and the credentials. Default: found as kubectl does, or the pod's ServiceAccount. */
  kubeConfig?: KubeConfig;
  logger?: Logger;
  /** Controllers to run: classes decorated with `@Controller`, or instances of them. */
  controllers?: (Class | object)[];
  /**
   * The only namespaces to watch, with a watch of each kind in each; cluster-scoped kinds are not limited. The operator needs no
   * right in any other namespace. It starts when it can watch all of them. Default, and an empty list: all namespaces.
   */
  namespaces?: readonly string[];
  /** Added to the User-Agent, such as a version; the `version` of `operator_build_info`. */
  userAgent?: string;
  queue?: WorkQueueOptions;
  /** Enables leader election: of the operators with the same Lease only the leader reconciles. Default: no election. */
  leaderElection?: LeaderElectionOptions;
  /** Address of `/healthz` and `/readyz`, such as `:8081`. Default: not served. */
  healthAddress?: string;
  /**
   * `/healthz` fails while a handler has been running for longer than this, in milliseconds, so that the kubelet restarts the
   * process. Default 10 minutes.
   */
  unhealthyAfterMs?: number;
  /**
   * Address of `/metrics`, such as `:8080`; may be the same as `healthAddress`, then one server serves both.
   * Default: not served, and no process metrics are collected.
   */
  metricsAddress?: string;
  /** Serves `/metrics` over TLS, and only to clients whose user may `get` the nonResourceURL `/metrics`. Default: to everybody. */
  secureMetrics?: SecureServing;
  /** A dashboard of the caches. Default: none. */
  dashboard?: DashboardOptions;
  /** Interval of the resync, in milliseconds: every resource is reconciled from the cache, without a request. Default 10 minutes. */
  resyncMs?: number;
  /** Maximum number of concurrent requests, not counting watches. Default 16. */
  maxConcurrentRequests?: number;
  /** Deadline of one request including retries, in milliseconds. Default 15,000. */
  requestTimeoutMs?: number;
  informerTimings?: Partial<InformerTimings>;
  /**
   * The key of the hashes of referenced Secrets in `context.references`. With it a hash can be stored where users can read it that
   * cannot read the Secret. Needs get and patch on the key Secret. Default: no key, so a hash confirms a guess of the content.
   */
  hashKey?: HashKey;
  /** Records every run as a trace, see `startTracing()`. Default: no tracing. */
  tracer?: Tracer;
}
