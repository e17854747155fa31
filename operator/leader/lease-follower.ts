import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ElectionLog } from './election-log.ts';
import type { ElectionSettings, LeaderElectionOptions } from './election-options.ts';
import type { Leadership } from './leadership.ts';
import { holderOf, isHeldBy, type Lease, termOf, wentBack } from './lease.ts';
import type { ObservedLease } from './observed-lease.ts';

/** What a LeaseFollower updates and calls. */
export interface LeaseFollowerParts {
  settings: ElectionSettings;
  observed: ObservedLease;
  leadership: Leadership;
  history: LeaderElectionOptions['history'];
  logger: Logger;
  log: ElectionLog;
  /** The term this process took last, or is trying to take. */
  ownTerm: () => number | undefined;
  /** The Lease is no longer held in the own term. */
  lose: (reason: string) => void;
  /** Leadership is in doubt. */
  doubt: (reason: string) => void;
  /** The next move may be due. */
  wake: () => void;
}

/** Processes the watch events and answers about the Lease, and notices when the history of the server changes. */
export class LeaseFollower {
  readonly #parts: LeaseFollowerParts;
  #epoch: number;
  #unsubscribe: (() => void) | undefined;

  constructor(parts: LeaseFollowerParts) {
    this.#parts = parts;
    this.#epoch = parts.history?.epoch ?? 0;
  }

  /** Starts to follow the history of the server. */
  start(): void {
    this.#unsubscribe = this.#parts.history?.subscribe(({ epoch, by, reason }) =>
      this.#historyReplaced(epoch, by, reason),
    );
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** Takes in an event of the watch. It may be late, and never overrides an answer of the server. */
  heard(what: 'there' | 'deleted', object: StoredObject<Lease>): void {
    const { leading } = this.#parts.leadership;
    const compared = this.#parts.observed.compareWithLast(object);
    if (compared === 0) this.#parts.observed.heardAgain();
    // A leader's own writes come back this way, perhaps after newer ones. Anything else unexpected is read.
    if (compared !== undefined && (compared === 0 || (compared < 0 && leading))) return;
    if (compared === undefined || compared < 0 || what === 'deleted') {
      this.#parts.observed.mustRead();
      this.#parts.wake();
      return;
    }
    this.#observe(object, { confirmed: false });
    if (!this.#parts.leadership.leading) this.#parts.wake();
  }

  /**
   * Processes the answer to a read or a write.
   *
   * @param before the Lease known when the request was sent
   * @returns false if the watch has delivered a newer version: the answer is outdated, and the Lease must be read
   */
  answered(lease: StoredObject<Lease> | undefined, before: Lease | undefined): boolean {
    // The Lease known before is useless if the history has changed in the meantime.
    const back = this.#parts.observed.last && wentBack(before, lease, this.#parts.settings.identity);
    if (back) this.#historyWentBack(back);
    else if (this.#parts.observed.last !== before && this.#parts.observed.isOlderThanLast(lease)) {
      this.#parts.observed.mustRead();
      return false;
    }
    this.#observe(lease, { confirmed: true, restart: back !== undefined });
    return true;
  }

  #observe(lease: Lease | undefined, how: { confirmed: boolean; restart?: boolean }): void {
    this.#parts.observed.observe(lease, this.#parts.ownTerm(), how);
    const { identity } = this.#parts.settings;
    if (this.#parts.leadership.leading && !isHeldBy(lease, identity, this.#parts.ownTerm()))
      this.#parts.lose(this.#lossReason(lease));
    else if (holderOf(lease) !== identity) this.#parts.log.seen(lease);
  }

  #lossReason(lease: Lease | undefined): string {
    if (!lease) return 'the lease was deleted';
    const holder = holderOf(lease);
    if (holder === this.#parts.settings.identity) return `the lease is of term ${termOf(lease)}`;
    return holder ? `the lease is held by ${holder}` : 'the lease has no holder';
  }

  /** The Lease shows that the history of the server went back. */
  #historyWentBack(reason: string): void {
    this.#parts.logger.warn('API server history changed (etcd restored from a backup?)', { reason });
    this.#waitForLostLeaders();
    const history = this.#parts.history;
    if (!history) return;
    const epoch = this.#epoch;
    // So that #historyReplaced() ignores our own report.
    this.#epoch = epoch + 1;
    history.replaced(epoch, 'leases', reason);
    this.#epoch = history.epoch;
  }

  /** Another part of the operator has found that the history changed. */
  #historyReplaced(epoch: number, by: string, reason: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    // Or the next answer would be reported as another change.
    this.#parts.observed.forgetLast();
    this.#waitForLostLeaders();
    if (this.#parts.leadership.leading) this.#parts.doubt(`${by}: ${reason}`);
    this.#parts.observed.mustRead();
    this.#parts.wake();
  }

  /** In the lost history another process may have led that the Lease no longer names: its deadline has to pass. */
  #waitForLostLeaders(): void {
    this.#parts.observed.holdOff(this.#parts.settings.renewDeadlineMs);
  }
}
