import { Informer } from '../informer/informer.ts';
import { compareResourceVersions } from '../informer/resource-version.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../transport/api-error.ts';
import { ElectionLog } from './election-log.ts';
import { type ElectionSettings, electionSettings, type LeaderElectionOptions } from './election-options.ts';
import {
  type Candidate,
  decideMove,
  durationOf,
  holderOf,
  isHeldBy,
  type Lease,
  type LeaseWrite,
  nextTerm,
  type Observation,
  saysTheSame,
  specAfter,
  termOf,
  wentBack,
} from './lease.ts';

const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** Longest time that giving up the Lease may take, milliseconds. */
const RELEASE_DEADLINE_MS = 2_000;

/** Doubts that follow each other faster do not make for more requests, milliseconds. */
const DOUBT_PAUSE_MS = 1_000;

/** The fence follows the Lease within a second: more doubts than this in one term have another cause. */
const MANY_DOUBTS = 5;

/** A candidate that hears nothing of the Lease for so many retry periods reads it. More than one: a leader renews at that pace. */
const POLL_PERIODS = 1.5;

/** What an elector tells. Neither may throw. */
export interface LeaderCallbacks {
  onStartedLeading: () => void;
  onStoppedLeading: () => void;
}

/** When a renewal was sent, by two clocks: the monotonic one stands still while a virtual machine is paused. */
interface Sent {
  monotonicMs: number;
  wallMs: number;
}

/**
 * Holds a Lease so that of several operators one works and the others stand by with warm caches.
 *
 * As client-go's: whoever meets a conflict or finds that the Lease looks expired reads it and goes by what it says. A watch of the
 * Lease only makes it quicker, so that one that is released is taken at once; an election without it is as right.
 *
 * At most one candidate may write at any time: a leader stops by itself `renewDeadlineMs` after its last renewal was sent, and
 * others wait for `leaseDurationSeconds`, which is longer, since they saw it. A stop of the whole process between its last look at
 * the clock and the network is what docs/explanation/leader-election.md adds the fence for.
 */
export class LeaderElector {
  readonly #client: ApiClient;
  readonly #settings: ElectionSettings;
  readonly #history: LeaderElectionOptions['history'];
  readonly #callbacks: LeaderCallbacks;
  readonly #logger: Logger;
  readonly #log: ElectionLog;
  readonly #informer: Informer<StoredObject<Lease>>;
  readonly #stopping = new AbortController();
  #observation: Observation = { lease: undefined, sinceMs: 0, confirmedMs: undefined, heardMs: 0, notBeforeMs: 0 };
  /** The Lease that was seen last, also when it is gone by now. */
  #last: Lease | undefined;
  #epoch: number;
  /** The highest term seen in the Lease. */
  #highestTerm = 0;
  /** The term this process took last, or is trying to take. */
  #ownTerm: number | undefined;
  #leading = false;
  #lead = new AbortController();
  #renewed: Sent | undefined;
  #lossTimer: NodeJS.Timeout | undefined;
  /** Why this leader has to renew before it may write again, and since when. */
  #doubt: { reason: string; atMs: number } | undefined;
  #lastDoubtMs = Number.NEGATIVE_INFINITY;
  #unfoundedDoubts = 0;
  #conflictsInARow = 0;
  #renewFailures = 0;
  #loop: Promise<void> | undefined;
  #woken = false;
  #wakeUp: () => void = () => {};
  #unsubscribe: (() => void) | undefined;

  /**
   * @param client its requests must not be gated by this election; best one of its own, that no other traffic can hold up
   * @throws Error when the options do not go together
   */
  constructor(client: ApiClient, options: LeaderElectionOptions, callbacks: LeaderCallbacks, logger: Logger) {
    this.#settings = electionSettings(options);
    this.#client = client;
    this.#history = options.history;
    this.#epoch = options.history?.epoch ?? 0;
    this.#callbacks = callbacks;
    this.#logger = logger;
    this.#log = new ElectionLog(logger);
    this.#lead.abort(new Error('this process does not lead yet'));
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
   * it may just have been woken from a long sleep. False also while there is a doubt, see doubt().
   */
  get mayWrite(): boolean {
    return this.#leading && this.#doubt === undefined && this.#leftMs() > 0;
  }

  /** The term this process leads in, undefined if it does not lead. Each take of the Lease, by whomever, has a higher one. */
  get term(): number | undefined {
    return this.#leading ? this.#ownTerm : undefined;
  }

  /** Aborts when this process loses the lead of its term; aborted while it does not lead. */
  get leadingSignal(): AbortSignal {
    return this.#lead.signal;
  }

  /** Who holds the Lease as far as this process knows, undefined if nobody does. */
  get holder(): string | undefined {
    return holderOf(this.#observation.lease) || undefined;
  }

  /** Milliseconds since the last renewal that succeeded was sent; undefined if this process does not lead. */
  get sinceRenewalMs(): number | undefined {
    return this.#leading ? this.#elapsedMs() : undefined;
  }

  /** How many renewals of this process have failed, conflicts included. Only grows. */
  get renewFailures(): number {
    return this.#renewFailures;
  }

  /** Begins to run for leader. Returns at once. */
  start(): void {
    if (this.#loop) return;
    this.#unsubscribe = this.#history?.subscribe(({ epoch, by, reason }) => this.#historyReplaced(epoch, by, reason));
    this.#informer.subscribe(({ type, object }) => this.#heard(type === 'DELETED' ? 'deleted' : 'there', object));
    this.#informer.start();
    this.#loop = this.#run();
  }

  /**
   * Says that something speaks against this process leading, such as a write that the fence refused. Nothing may be written until
   * the Lease has been renewed once more, which is tried at once; if it is somebody else's, the lead is lost.
   */
  doubt(reason: string): void {
    if (!this.#leading || this.#doubt !== undefined) return;
    const now = performance.now();
    this.#doubt = { reason, atMs: now };
    this.#logger.warn('Leadership in doubt, renewing the lease before anything more is written', {
      reason,
      term: this.#ownTerm,
    });
    if (now - this.#lastDoubtMs >= DOUBT_PAUSE_MS) this.#wake();
    this.#lastDoubtMs = now;
  }

  /** Gives up the Lease, if it is ours, so that a standby takes over at once. Takes 2 s at most. */
  async stop(): Promise<void> {
    // From here on nothing may leave: the Lease is somebody else's as soon as the release arrives.
    this.#endLead('this process is being stopped');
    this.#stopping.abort(new Error('the election was stopped'));
    this.#wake();
    this.#unsubscribe?.();
    await this.#loop;
    await this.#release();
    await this.#informer.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let delayMs = this.#settings.retryMs;
      try {
        delayMs = await this.#step();
      } catch (error) {
        // A fault of this program itself, and still no reason to leave the cluster without a leader.
        this.#logger.error('Internal fault of the election, going on', errorFields(error));
      }
      await this.#pause(delayMs);
    }
  }

  get #candidate(): Candidate {
    const { identity, leaseDurationSeconds, retryMs } = this.#settings;
    return {
      identity,
      ownTerm: this.#ownTerm,
      leading: this.#leading,
      durationMs: leaseDurationSeconds * 1000,
      pollMs: retryMs * POLL_PERIODS,
    };
  }

  /** Makes one move. @returns how long to wait for the next, milliseconds */
  async #step(): Promise<number> {
    this.#checkLoss();
    const now = performance.now();
    const decided = decideMove(this.#observation, this.#candidate, now);
    switch (decided.move) {
      case 'wait':
        this.#logWaiting(now);
        return decided.delayMs;
      case 'lose':
        this.#lose(this.#observation.lease ? 'the lease is not of this term any more' : 'the lease was deleted');
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
    const { signal } = this.#stopping;
    const { retryMs } = this.#settings;
    try {
      const delayMs = await request();
      this.#log.succeeded(move);
      if (move !== 'read') this.#conflictsInARow = 0;
      return delayMs;
    } catch (error) {
      if (signal.aborted) return 0;
      if (move === 'renew') this.#renewFailures += 1;
      const jitteredMs = retryMs * (0.5 + Math.random() / 2);
      if (move !== 'read' && (isConflict(error) || isAlreadyExists(error) || isNotFound(error))) {
        this.#log.conflict(move);
        this.#mustRead();
        this.#conflictsInARow += 1;
        return this.#conflictsInARow > 1 ? jitteredMs / 4 : 0;
      }
      // Whether a write was carried out is not known.
      if (move !== 'read') this.#mustRead();
      this.#log.failed(move, error, this.#leading ? this.#leftMs() : undefined);
      return jitteredMs;
    }
  }

  async #read(): Promise<number> {
    const { namespace, name } = this.#settings;
    const before = this.#last;
    const lease = await this.#client
      .get<StoredObject<Lease>>(LEASE, namespace, name, this.#call)
      .catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
    this.#answered(lease, before);
    return 0;
  }

  async #renew(): Promise<number> {
    const sent = { monotonicMs: performance.now(), wallMs: Date.now() };
    const before = this.#last;
    const current = this.#answered(await this.#write({ move: 'renew' }, this.#call), before);
    // It may have been lost meanwhile, by its deadline or by what a watch told.
    if (!current || !this.#leading) return 0;
    this.#markRenewed(sent);
    return this.#settings.retryMs;
  }

  async #take(): Promise<number> {
    const { lease, sinceMs } = this.#observation;
    const silentMs = performance.now() - sinceMs;
    // A take whose answer was lost is tried again with the same term, so that it is known as our own when it shows.
    const unanswered = this.#ownTerm !== undefined && this.#ownTerm > this.#highestTerm;
    const term = unanswered ? (this.#ownTerm as number) : nextTerm(this.#highestTerm, new Date());
    this.#ownTerm = term;
    const sent = { monotonicMs: performance.now(), wallMs: Date.now() };
    const before = this.#last;
    const answer = await this.#write({ move: 'take', term }, this.#call);
    const current = this.#answered(answer, before);
    if (!current || this.#stopping.signal.aborted || !isHeldBy(answer, this.#settings.identity, term)) return 0;
    this.#leading = true;
    this.#lead = new AbortController();
    this.#doubt = undefined;
    this.#unfoundedDoubts = 0;
    this.#markRenewed(sent);
    this.#log.leading(this.#settings.identity, term, lease, silentMs);
    this.#callbacks.onStartedLeading();
    return this.#settings.retryMs;
  }

  get #call() {
    const timeoutMs = Math.max(1_000, this.#settings.renewDeadlineMs / 2);
    return { timeoutMs, signal: this.#stopping.signal };
  }

  /** Writes the Lease on the condition that it is what was seen last. @returns what is stored now */
  #write(write: LeaseWrite, call: { timeoutMs: number; signal?: AbortSignal }): Promise<StoredObject<Lease>> {
    const { namespace, name, identity, leaseDurationSeconds } = this.#settings;
    const { lease } = this.#observation;
    const spec = specAfter(lease, write, identity, leaseDurationSeconds, new Date());
    if (lease) {
      const { uid, resourceVersion } = lease.metadata ?? {};
      return this.#client.mergePatch(LEASE, namespace, name, { metadata: { uid, resourceVersion }, spec }, call);
    }
    const metadata = { name, namespace };
    const created = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return this.#client.create<Lease>(LEASE, created, call) as Promise<StoredObject<Lease>>;
  }

  async #release(): Promise<void> {
    const { identity } = this.#settings;
    const ours = isHeldBy(this.#observation.lease, identity, this.#ownTerm);
    // A take may have been on its way.
    if (!ours && (this.#ownTerm ?? 0) <= this.#highestTerm) return;
    let known = ours && this.#observation.confirmedMs !== undefined;
    const endsMs = performance.now() + RELEASE_DEADLINE_MS;
    for (;;) {
      const timeoutMs = endsMs - performance.now();
      try {
        if (timeoutMs <= 0) throw new Error(`it could not be written within ${RELEASE_DEADLINE_MS} ms`);
        if (!known) {
          const { namespace, name } = this.#settings;
          const lease = await this.#client.get<StoredObject<Lease>>(LEASE, namespace, name, { timeoutMs });
          this.#observation = { ...this.#observation, lease };
          known = true;
          if (!isHeldBy(lease, identity, this.#ownTerm)) return;
        }
        await this.#write({ move: 'release' }, { timeoutMs });
        this.#logger.info('leadership was released', { term: this.#ownTerm });
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (isConflict(error) && known) {
          known = false;
          continue;
        }
        this.#logger.warn(
          'leadership could not be released; a standby takes over when the lease expires',
          errorFields(error),
        );
        return;
      }
    }
  }

  /** What a watch tells: may be late, and is worth nothing where it contradicts an answer. */
  #heard(what: 'there' | 'deleted', object: StoredObject<Lease>): void {
    if (this.#stopping.signal.aborted) return;
    const known = this.#last?.metadata?.resourceVersion;
    const version = object.metadata.resourceVersion;
    const compared = known === undefined ? 1 : compareResourceVersions(version, known);
    if (compared === 0) this.#observation.heardMs = performance.now();
    // A leader's own writes come back this way, perhaps after newer ones. Anything else that is odd is read.
    if (compared !== undefined && (compared === 0 || (compared < 0 && this.#leading))) return;
    if (compared === undefined || compared < 0 || what === 'deleted') {
      this.#mustRead();
      this.#wake();
      return;
    }
    this.#observe(object, false);
    if (!this.#leading) this.#wake();
  }

  /**
   * What the server answered to a read or a write of ours.
   * @param before what was known when the request was sent
   * @returns false if the watch has told of a newer version meanwhile: the answer is old news then, and the Lease has to be read
   */
  #answered(lease: StoredObject<Lease> | undefined, before: Lease | undefined): boolean {
    // What was known before is worth nothing if the history was found to be another one meanwhile.
    const back = this.#last && wentBack(before, lease, this.#settings.identity);
    if (back) this.#historyWentBack(back);
    else if (this.#last !== before && isOlder(lease, this.#last)) {
      this.#mustRead();
      return false;
    }
    this.#observe(lease, true, back !== undefined);
    return true;
  }

  #observe(lease: Lease | undefined, confirmed: boolean, anew = false): void {
    const now = performance.now();
    const { identity, leaseDurationSeconds } = this.#settings;
    const before = this.#observation;
    let { notBeforeMs } = before;
    if (!lease && holderOf(before.lease) && !isHeldBy(before.lease, identity, this.#ownTerm)) {
      // Deleted under a holder that may lead on until its own deadline; a person who does it does not want to wait for ever.
      const ownMs = leaseDurationSeconds * 1000;
      const lastsMs = Math.min(durationOf(before.lease) ?? ownMs, ownMs);
      notBeforeMs = Math.max(notBeforeMs, before.sinceMs + lastsMs);
    }
    this.#observation = {
      lease,
      sinceMs: !anew && saysTheSame(before.lease, lease) ? before.sinceMs : now,
      confirmedMs: confirmed ? now : before.confirmedMs,
      heardMs: now,
      notBeforeMs,
    };
    if (lease) this.#last = lease;
    this.#highestTerm = Math.max(this.#highestTerm, termOf(lease));
    if (this.#leading && !isHeldBy(lease, identity, this.#ownTerm)) this.#lose(this.#lossReason(lease));
    else if (holderOf(lease) !== identity) this.#log.seen(lease);
  }

  #lossReason(lease: Lease | undefined): string {
    if (!lease) return 'the lease was deleted';
    const holder = holderOf(lease);
    if (holder === this.#settings.identity) return `the lease is of term ${termOf(lease)}`;
    return `the lease is held by ${holder || 'nobody'}`;
  }

  #mustRead(): void {
    this.#observation = { ...this.#observation, confirmedMs: undefined };
  }

  /** The Lease shows that the server's history went back. */
  #historyWentBack(reason: string): void {
    this.#logger.warn('The history of the API server went back (was its etcd restored from a backup?)', { reason });
    this.#waitForLostLeaders();
    const history = this.#history;
    if (!history) return;
    const epoch = this.#epoch;
    // Our own report comes back to us.
    this.#epoch = epoch + 1;
    history.replaced(epoch, 'leases', reason);
    this.#epoch = history.epoch;
  }

  /** Another part has found that the history is another one. */
  #historyReplaced(epoch: number, by: string, reason: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    // Or the next answer would be reported as another change.
    this.#last = undefined;
    this.#waitForLostLeaders();
    if (this.#leading) this.doubt(`${by}: ${reason}`);
    this.#mustRead();
    this.#wake();
  }

  /** In the history that was lost somebody may have led whom the Lease does not name any more: its deadline has to pass. */
  #waitForLostLeaders(): void {
    const notBeforeMs = performance.now() + this.#settings.renewDeadlineMs;
    this.#observation = { ...this.#observation, notBeforeMs };
  }

  #markRenewed(sent: Sent): void {
    this.#renewed = sent;
    clearTimeout(this.#lossTimer);
    // A leader must notice that it has lost even if no request is ever answered.
    this.#lossTimer = setTimeout(() => this.#checkLoss(), Math.max(0, this.#leftMs()) + 1);
    const doubt = this.#doubt;
    // A doubt that came while the renewal was under way needs another one.
    if (!doubt || doubt.atMs >= sent.monotonicMs) return;
    this.#doubt = undefined;
    this.#unfoundedDoubts += 1;
    const fields = { term: this.#ownTerm, doubted: doubt.reason, unfoundedDoubts: this.#unfoundedDoubts };
    if (this.#unfoundedDoubts < MANY_DOUBTS) this.#logger.info('The lease was renewed, leading on', fields);
    else {
      this.#logger.error(
        'Writes are refused although this process holds the lease: its identity must begin with the name of its pod and "_"',
        { ...fields, identity: this.#settings.identity },
      );
    }
  }

  #elapsedMs(): number {
    if (!this.#renewed) return Number.POSITIVE_INFINITY;
    return Math.max(performance.now() - this.#renewed.monotonicMs, Date.now() - this.#renewed.wallMs);
  }

  /** How long this leader may write without another renewal, milliseconds; negative: for how long it may not any more. */
  #leftMs(): number {
    return this.#settings.renewDeadlineMs - this.#elapsedMs();
  }

  #checkLoss(): void {
    if (!this.#leading || this.#leftMs() > 0) return;
    this.#lose(`the lease could not be renewed for ${this.#settings.renewDeadlineMs} ms`);
  }

  #lose(reason: string): void {
    const term = this.#ownTerm;
    this.#endLead(reason);
    this.#log.lost(reason, term);
    this.#callbacks.onStoppedLeading();
    this.#wake();
  }

  #endLead(reason: string): void {
    this.#leading = false;
    this.#renewed = undefined;
    this.#doubt = undefined;
    clearTimeout(this.#lossTimer);
    this.#lead.abort(new Error(`this process does not lead any more: ${reason}`));
  }

  #logWaiting(now: number): void {
    const { lease, sinceMs, notBeforeMs } = this.#observation;
    const { leaseDurationSeconds, retryMs } = this.#settings;
    const lastsMs = holderOf(lease) ? (durationOf(lease) ?? leaseDurationSeconds * 1000) : 0;
    const freeMs = Math.max(notBeforeMs, holderOf(lease) ? sinceMs + lastsMs : 0);
    this.#log.waiting(lease, now - sinceMs, freeMs - now, retryMs * 2 * POLL_PERIODS);
  }

  /** The next step is made at once. */
  #wake(): void {
    this.#woken = true;
    this.#wakeUp();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#woken = false;
        this.#wakeUp = () => {};
        resolve();
      };
      // All waits are short: what looks expired or silent is read. One tick at least, so that nothing can spin.
      const timer = setTimeout(done, this.#woken || this.#stopping.signal.aborted ? 0 : Math.max(1, delayMs));
      this.#wakeUp = done;
    });
  }
}

/** Whether a version of the Lease is older than another one. One that is gone cannot be told from one that was never there. */
function isOlder(lease: Lease | undefined, than: Lease | undefined): boolean {
  const [a, b] = [lease?.metadata?.resourceVersion, than?.metadata?.resourceVersion];
  return a !== undefined && b !== undefined && (compareResourceVersions(a, b) ?? 0) < 0;
}
