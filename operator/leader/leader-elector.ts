import { Informer } from '../informer/informer.ts';
import { compareResourceVersions } from '../informer/resource-version.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isAlreadyExists, isConflict } from '../transport/api-error.ts';
import { decideMove, type Lease, type Observation, specAfter } from './lease.ts';

const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** How an election is held. */
export interface LeaderElectionOptions {
  /** Namespace and name of the Lease. */
  namespace: string;
  name: string;
  /** Who this candidate is; must be its own, such as the pod's name with a random suffix. */
  identity: string;
  /** How long others wait for a leader that says nothing, seconds. Default 15. */
  leaseDurationSeconds?: number;
  /** A leader that could not renew for so long stops writing, milliseconds; less than the duration. Default 10,000. */
  renewDeadlineMs?: number;
  /** How often a leader renews, milliseconds. Default 2,000. */
  retryMs?: number;
}

/** What an elector tells. Neither may throw. */
export interface LeaderCallbacks {
  onStartedLeading: () => void;
  onStoppedLeading: () => void;
}

/**
 * Holds a Lease so that of several operators one works and the others stand by with warm caches. The standbys watch the
 * lease: one that is released is taken at once.
 */
export class LeaderElector {
  readonly #client: ApiClient;
  readonly #options: Required<LeaderElectionOptions>;
  readonly #callbacks: LeaderCallbacks;
  readonly #logger: Logger;
  readonly #informer: Informer<StoredObject<Lease>>;
  readonly #stopping = new AbortController();
  #observation: Observation = { lease: undefined, sinceMs: 0 };
  /** Monotonic time when the request of the last successful renewal was sent; undefined: not leading. */
  #renewedAtMs: number | undefined;
  #leading = false;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};

  /** @param client its requests must not be gated by this election */
  constructor(client: ApiClient, options: LeaderElectionOptions, callbacks: LeaderCallbacks, logger: Logger) {
    const { leaseDurationSeconds = 15, renewDeadlineMs = 10_000, retryMs = 2_000 } = options;
    if (renewDeadlineMs >= leaseDurationSeconds * 1000 || retryMs >= renewDeadlineMs) {
      throw new Error(
        `leader election: the retry period (${retryMs} ms) must be shorter than the renew deadline (${renewDeadlineMs} ms), ` +
          `and that shorter than the lease (${leaseDurationSeconds} s)`,
      );
    }
    this.#client = client;
    this.#options = { ...options, leaseDurationSeconds, renewDeadlineMs, retryMs };
    this.#callbacks = callbacks;
    this.#logger = logger;
    const { namespace, name } = options;
    this.#informer = new Informer<StoredObject<Lease>>({
      client,
      type: LEASE,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      logger,
    });
  }

  /**
   * Whether a write may leave now. False as soon as the renew deadline has passed, whatever this process was told so far:
   * it may just have been woken from a long sleep.
   */
  get mayWrite(): boolean {
    return this.#leading && this.#fresh();
  }

  /** Begins to run for leader. */
  start(): void {
    this.#informer.subscribe(({ type, object }) => {
      this.#observe(type === 'DELETED' ? undefined : object);
      this.#wake();
    });
    this.#informer.start();
    this.#loop ??= this.#run();
  }

  /** Gives up the lease, if it is ours, so that a standby takes over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#loop;
    if (this.mayWrite) {
      try {
        await this.#write('release');
        this.#logger.info('leadership was released');
      } catch (error) {
        this.#logger.warn(
          'leadership could not be released; a standby takes over when the lease expires',
          errorFields(error),
        );
      }
    }
    this.#leading = false;
    await this.#informer.stop();
  }

  async #run(): Promise<void> {
    await this.#informer.synced(this.#stopping.signal).catch(() => {});
    while (!this.#stopping.signal.aborted) {
      const delayMs = await this.#step();
      this.#checkLoss();
      // A leader must notice that it has lost even if no request is ever answered.
      const untilLossMs = this.#leading ? this.#untilDeadlineMs() : Number.POSITIVE_INFINITY;
      await this.#pause(Math.max(10, Math.min(delayMs, untilLossMs)));
      this.#checkLoss();
    }
  }

  /** Makes one move. @returns how long to wait for the next, milliseconds */
  async #step(): Promise<number> {
    const { identity, leaseDurationSeconds, retryMs } = this.#options;
    const decided = decideMove(this.#observation, identity, performance.now(), leaseDurationSeconds * 1000);
    if (decided.move === 'wait') return decided.delayMs;
    try {
      await this.#write(decided.move);
    } catch (error) {
      const lost = isConflict(error) || isAlreadyExists(error);
      // The watch will show who was quicker.
      if (!lost) this.#logger.warn('the lease could not be written', errorFields(error));
      return retryMs * (0.5 + Math.random() / 2);
    }
    if (!this.#leading) {
      this.#leading = true;
      this.#logger.info('leading', { identity });
      this.#callbacks.onStartedLeading();
    }
    return retryMs;
  }

  async #write(move: 'take' | 'renew' | 'release'): Promise<void> {
    const { namespace, name, identity, leaseDurationSeconds, renewDeadlineMs } = this.#options;
    const { lease } = this.#observation;
    const spec = specAfter(lease, move, identity, leaseDurationSeconds, new Date());
    const sentAtMs = performance.now();
    const call = { timeoutMs: Math.max(1_000, renewDeadlineMs / 2) };
    const metadata = { name, namespace };
    const answer = lease
      ? await this.#client.mergePatch<StoredObject<Lease>>(
          LEASE,
          namespace,
          name,
          { metadata: { resourceVersion: lease.metadata?.resourceVersion }, spec },
          call,
        )
      : await this.#client.create<Lease>(
          LEASE,
          { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec },
          call,
        );
    this.#observe(answer);
    this.#renewedAtMs = move === 'release' ? undefined : sentAtMs;
  }

  #observe(lease: Lease | undefined): void {
    const [now, before] = [lease?.metadata?.resourceVersion, this.#observation.lease?.metadata?.resourceVersion];
    // Our own write comes back by the watch, perhaps after a newer one.
    if (now !== undefined && before !== undefined && (compareResourceVersions(now, before) ?? 1) <= 0) return;
    this.#observation = { lease, sinceMs: performance.now() };
    const holder = lease?.spec?.holderIdentity;
    if (this.#leading && holder !== this.#options.identity) this.#lose(`the lease is held by ${holder || 'nobody'}`);
  }

  #fresh(): boolean {
    return this.#untilDeadlineMs() > 0;
  }

  #untilDeadlineMs(): number {
    if (this.#renewedAtMs === undefined) return 0;
    return this.#renewedAtMs + this.#options.renewDeadlineMs - performance.now();
  }

  #checkLoss(): void {
    if (this.#leading && !this.#fresh())
      this.#lose(`the lease could not be renewed for ${this.#options.renewDeadlineMs} ms`);
  }

  #lose(reason: string): void {
    this.#leading = false;
    this.#renewedAtMs = undefined;
    this.#logger.warn('no longer leading', { reason });
    this.#callbacks.onStoppedLeading();
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        // The leader keeps its pace: its own renewals come back by the watch.
        if (this.#leading && !this.#stopping.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
