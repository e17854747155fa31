import { WakeablePause } from '../async/wakeable-pause.ts';
import type { Informer } from '../informer/informer.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ifFound, isAlreadyExists, isConflict, isNotFound } from '../transport/api-error.ts';
import { ElectionLog } from './election-log.ts';
import {
  type ElectionSettings,
  electionSettings,
  type LeaderCallbacks,
  type LeaderElectionOptions,
} from './election-options.ts';
import { Leadership, sentNow } from './leadership.ts';
import { type Candidate, decideMove, holderOf, isHeldBy, type Lease, nextTerm } from './lease.ts';
import { LeaseClient } from './lease-client.ts';
import { LeaseFollower } from './lease-follower.ts';
import { ObservedLease } from './observed-lease.ts';
import { releaseLease } from './release-lease.ts';

/** Doubts that follow each other faster than this cause no further request, milliseconds. */
const DOUBT_PAUSE_MS = 1_000;

/** The fence follows the Lease within a second, so more doubts than this in one term have another cause. */
const MANY_DOUBTS = 5;

/** Retry periods without news of the Lease after which it is read. More than one, as a leader renews once per period. */
const POLL_PERIODS = 1.5;

/**
 * Leader election by a Lease: one operator reconciles, the others are standbys with warm caches.
 *
 * As in client-go, a candidate reads the Lease after a conflict, or if it looks expired, and decides by its content.
 * The watch of the Lease only speeds this up, so that a released Lease is taken at once; the election is correct without it.
 *
 * At most one candidate may write at any time: a leader stops by itself `renewDeadlineMs` after its last renewal was sent, and
 * others wait for `leaseDurationSeconds`, which is longer, since they saw it. A pause of the whole process between its last check
 * of the clock and the network is covered by the fence, see docs/explanation/leader-election.md.
 *
 * @example
 * ```ts
 * const election = { namespace: 'greeting-system', name: 'greeting-operator', identity: `${hostname()}_${randomUUID()}` };
 * const callbacks = { onStartedLeading: () => queue.start(), onStoppedLeading: () => queue.pause() };
 * const elector = new LeaderElector(client, election, callbacks, logger);
 * elector.start();
 * ```
 */
export class LeaderElector {
  readonly #leases: LeaseClient;
  readonly #settings: ElectionSettings;
  readonly #callbacks: LeaderCallbacks;
  readonly #logger: Logger;
  readonly #log: ElectionLog;
  readonly #informer: Informer<StoredObject<Lease>>;
  readonly #stopping = new AbortController();
  readonly #observed: ObservedLease;
  readonly #leadership: Leadership;
  readonly #pause = new WakeablePause();
  readonly #follower: LeaseFollower;
  /** The term this process took last, or is trying to take. */
  #ownTerm: number | undefined;
  #lastDoubtMs = Number.NEGATIVE_INFINITY;
  #conflictsInARow = 0;
  #renewFailures = 0;
  #loop: Promise<void> | undefined;

  /**
   * @param client must not be gated by this election; preferably a lane of its own, which no other traffic can delay
   * @throws Error when an option is invalid
   */
  constructor(client: ApiClient, options: LeaderElectionOptions, callbacks: LeaderCallbacks, logger: Logger) {
    this.#settings = electionSettings(options);
    this.#leases = new LeaseClient(client, this.#settings);
    this.#observed = new ObservedLease(this.#settings);
    this.#leadership = new Leadership(this.#settings.renewDeadlineMs, () => this.#checkLoss());
    this.#callbacks = callbacks;
    this.#logger = logger;
    this.#log = new ElectionLog(logger);
    this.#informer = this.#leases.informer(logger);
    this.#follower = new LeaseFollower({
      settings: this.#settings,
      observed: this.#observed,
      leadership: this.#leadership,
      history: options.history,
      logger,
      log: this.#log,
      ownTerm: () => this.#ownTerm,
      lose: (reason) => this.#lose(reason),
      doubt: (reason) => this.doubt(reason),
      wake: () => this.#pause.wake(),
    });
  }

  /**
   * Whether a write may leave now. False as soon as the renew deadline has passed, even before onStoppedLeading is called: the
   * process may just have woken from a long sleep. False also while leadership is in doubt, see doubt().
   */
  get mayWrite(): boolean {
    return this.#leadership.mayWrite;
  }

  /** The term this process leads in, undefined on a standby. Each time any process takes the Lease the term grows. */
  get term(): number | undefined {
    return this.#leadership.leading ? this.#ownTerm : undefined;
  }

  /** Aborts when this process loses leadership of its term; aborted on a standby. */
  get leadingSignal(): AbortSignal {
    return this.#leadership.signal;
  }

  /** The holder of the Lease as far as this process knows, undefined if there is none. */
  get holder(): string | undefined {
    return holderOf(this.#observed.lease) || undefined;
  }

  /** Milliseconds since the last successful renewal was sent; undefined on a standby. */
  get sinceRenewalMs(): number | undefined {
    return this.#leadership.leading ? this.#leadership.elapsedMs : undefined;
  }

  /** Failed renewals of this process so far, conflicts included. */
  get renewFailures(): number {
    return this.#renewFailures;
  }

  /** Starts the election. Returns at once. */
  start(): void {
    if (this.#loop) return;
    this.#follower.start();
    this.#informer.subscribe(({ type, object }) => {
      if (!this.#stopping.signal.aborted) this.#follower.heard(type === 'DELETED' ? 'deleted' : 'there', object);
    });
    this.#informer.start();
    this.#loop = this.#run();
  }

  /**
   * Puts leadership in doubt, for example after a write that the fence rejected. Nothing may be written until the Lease has been
   * renewed once more, which is tried at once. If another process holds it, leadership is lost.
   */
  doubt(reason: string): void {
    if (!this.#leadership.doubt(reason)) return;
    const now = performance.now();
    this.#logger.warn('Leadership in doubt, renewing the lease before further writes', { reason, term: this.#ownTerm });
    if (now - this.#lastDoubtMs >= DOUBT_PAUSE_MS) this.#pause.wake();
    this.#lastDoubtMs = now;
  }

  /** Releases the Lease if this process holds it, so that a standby takes over at once. Takes 2 s at most. */
  async stop(): Promise<void> {
    // From here on nothing may be written: another process leads as soon as the release arrives.
    this.#leadership.end('this process is stopping');
    this.#stopping.abort(new Error('the election was stopped'));
    this.#pause.wake();
    this.#follower.stop();
    await this.#loop;
    await releaseLease(this.#leases, this.#observed, this.#candidate, this.#logger);
    await this.#informer.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let delayMs = this.#settings.retryMs;
      try {
        delayMs = await this.#step();
      } catch (error) {
        // A bug. The cluster must not be left without a leader for it.
        this.#logger.error('Internal error in leader election, continuing', errorFields(error));
      }
      await this.#pause.wait(signal.aborted ? 0 : delayMs);
    }
  }

  get #candidate(): Candidate {
    const { identity, leaseDurationSeconds, retryMs } = this.#settings;
    return {
      identity,
      ownTerm: this.#ownTerm,
      leading: this.#leadership.leading,
      durationMs: leaseDurationSeconds * 1000,
      pollMs: retryMs * POLL_PERIODS,
    };
  }

  /** Makes one move. @returns the delay before the next, milliseconds */
  async #step(): Promise<number> {
    this.#checkLoss();
    const now = performance.now();
    const decided = decideMove(this.#observed.observation, this.#candidate, now);
    switch (decided.move) {
      case 'wait':
        this.#logWaiting(now);
        return decided.delayMs;
      case 'lose':
        this.#lose(this.#observed.lease ? 'the lease belongs to another term' : 'the lease was deleted');
        return 0;
      case 'read':
        return this.#try('read', () => this.#read());
      case 'renew':
        return this.#try('renew', () => this.#renew());
      case 'take':
        return this.#try('take', () => this.#take());
    }
  }

  async #try(move: 'read' | 'renew' | 'take', request: () => Promise<number>): Promise<number> {
    const { retryMs } = this.#settings;
    try {
      const delayMs = await request();
      this.#log.succeeded(move);
      if (move !== 'read') this.#conflictsInARow = 0;
      return delayMs;
    } catch (error) {
      if (this.#stopping.signal.aborted) return 0;
      if (move === 'renew') this.#renewFailures += 1;
      const jitteredMs = retryMs * (0.5 + Math.random() / 2);
      if (move !== 'read' && (isConflict(error) || isAlreadyExists(error) || isNotFound(error))) {
        this.#log.conflict(move);
        this.#observed.mustRead();
        this.#conflictsInARow += 1;
        return this.#conflictsInARow > 1 ? jitteredMs / 4 : 0;
      }
      // It is unknown whether a write was carried out.
      if (move !== 'read') this.#observed.mustRead();
      this.#log.failed(move, error, this.#leadership.leading ? this.#leadership.leftMs : undefined);
      return jitteredMs;
    }
  }

  async #read(): Promise<number> {
    const before = this.#observed.last;
    const lease = await ifFound(this.#leases.get(this.#call));
    this.#follower.answered(lease, before);
    return 0;
  }

  async #renew(): Promise<number> {
    const sent = sentNow();
    const before = this.#observed.last;
    const current = this.#follower.answered(
      await this.#leases.write(this.#observed.lease, { move: 'renew' }, this.#call),
      before,
    );
    // Leadership may have been lost in the meantime, by the deadline or by an event of the watch.
    if (!current || !this.#leadership.leading) return 0;
    this.#logDispelled(this.#leadership.renewed(sent));
    return this.#settings.retryMs;
  }

  async #take(): Promise<number> {
    const { lease, sinceMs } = this.#observed.observation;
    const silentMs = performance.now() - sinceMs;
    // A take whose answer was lost is retried with the same term, so that it is recognized as our own when it shows.
    const unanswered = this.#ownTerm !== undefined && this.#ownTerm > this.#observed.highestTerm;
    const term = unanswered ? (this.#ownTerm as number) : nextTerm(this.#observed.highestTerm, new Date());
    this.#ownTerm = term;
    const sent = sentNow();
    const before = this.#observed.last;
    const answer = await this.#leases.write(lease, { move: 'take', term }, this.#call);
    const current = this.#follower.answered(answer, before);
    if (!current || this.#stopping.signal.aborted || !isHeldBy(answer, this.#settings.identity, term)) return 0;
    this.#leadership.begin(sent);
    this.#log.leading(this.#settings.identity, term, lease, silentMs);
    this.#callbacks.onStartedLeading();
    return this.#settings.retryMs;
  }

  get #call() {
    const timeoutMs = Math.max(1_000, this.#settings.renewDeadlineMs / 2);
    return { timeoutMs, signal: this.#stopping.signal };
  }

  #logDispelled(doubted: string | undefined): void {
    if (doubted === undefined) return;
    const { unfoundedDoubts } = this.#leadership;
    const fields = { term: this.#ownTerm, doubted, unfoundedDoubts };
    if (unfoundedDoubts < MANY_DOUBTS) this.#logger.info('Renewed the lease, still leading', fields);
    else {
      this.#logger.error(
        'Writes are rejected although this process holds the lease; its identity must start with the pod name and "_"',
        { ...fields, identity: this.#settings.identity },
      );
    }
  }

  #checkLoss(): void {
    if (!this.#leadership.leading || this.#leadership.leftMs > 0) return;
    this.#lose(`the lease could not be renewed for ${this.#settings.renewDeadlineMs} ms`);
  }

  #lose(reason: string): void {
    const term = this.#ownTerm;
    this.#leadership.end(reason);
    this.#log.lost(reason, term);
    this.#callbacks.onStoppedLeading();
    this.#pause.wake();
  }

  #logWaiting(now: number): void {
    const { lease, sinceMs } = this.#observed.observation;
    this.#log.waiting(lease, now - sinceMs, this.#observed.freeAtMs - now, this.#settings.retryMs * 2 * POLL_PERIODS);
  }
}
