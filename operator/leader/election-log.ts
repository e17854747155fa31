import type { Logger } from '../log/logger.ts';
import { durationOf, holderOf, type Lease, termOf } from './lease.ts';

/** A candidate that cannot reach the server logs it at once and then this often, milliseconds. */
const REPEAT_MS = 30_000;

/** A Lease that lasts longer than this is worth a warning, milliseconds: standbys have to wait for it to expire. */
const LONG_DURATION_MS = 5 * 60_000;

/** Logs an election: each state once, not at each poll. */
export class ElectionLog {
  readonly #logger: Logger;
  #holder: string | undefined;
  #waitingFor: string | undefined;
  #silent = false;
  #conflicts = 0;
  #failures = 0;
  #failureLoggedMs = Number.NEGATIVE_INFINITY;
  #longDuration: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The Lease was seen. */
  seen(lease: Lease | undefined): void {
    const holder = holderOf(lease);
    if (holder === this.#holder) return;
    const before = this.#holder;
    this.#holder = holder;
    this.#silent = false;
    if (before === undefined && !holder) return;
    this.#logger.info(holder ? 'Leader changed' : 'No leader', {
      holder,
      ...(before && { before }),
      term: termOf(lease),
    });
  }

  /**
   * This candidate waits.
   * @param silentMs how long the Lease has been unchanged @param expiresInMs when it may be taken, unless it is renewed
   */
  waiting(lease: Lease | undefined, silentMs: number, expiresInMs: number, silenceMs: number): void {
    const holder = holderOf(lease);
    const fields = {
      holder,
      term: termOf(lease),
      silentMs: Math.round(silentMs),
      expiresInMs: Math.round(expiresInMs),
    };
    if (this.#waitingFor !== holder) {
      this.#waitingFor = holder;
      this.#logger.info(holder ? 'Running as standby' : 'Waiting for a previous holder to stop', {
        ...fields,
        acquired: lease?.spec?.acquireTime ?? undefined,
      });
    }
    const durationMs = durationOf(lease) ?? 0;
    const long = `${holder} ${durationMs}`;
    if (durationMs > LONG_DURATION_MS && this.#longDuration !== long) {
      this.#longDuration = long;
      this.#logger.warn('Lease duration is unusually long; if its holder is gone, delete the Lease', {
        ...fields,
        leaseDurationSeconds: durationMs / 1000,
      });
    }
    if (!holder) return;
    const silent = silentMs > silenceMs;
    if (silent !== this.#silent) {
      this.#silent = silent;
      this.#logger.info(
        silent ? 'Leader has stopped renewing the lease' : 'Leader is renewing the lease again',
        fields,
      );
    }
  }

  /** A write of the Lease failed because the Lease had changed. */
  conflict(move: string): void {
    this.#conflicts += 1;
    if (this.#conflicts === 1) {
      this.#logger.info('Lease changed, reading it again', { move });
    }
  }

  /** A request failed for another reason. @param leftMs how long this leader may go on; undefined on a standby */
  failed(move: string, error: unknown, leftMs: number | undefined): void {
    this.#failures += 1;
    const now = performance.now();
    // A leader logs each failure: its time is running out.
    if (leftMs === undefined && now - this.#failureLoggedMs < REPEAT_MS) return;
    this.#failureLoggedMs = now;
    this.#logger.warn(move === 'read' ? 'Could not read the lease' : 'Could not write the lease', {
      move,
      failures: this.#failures,
      ...(leftMs !== undefined && { leadsForMs: Math.max(0, Math.round(leftMs)) }),
      error: error instanceof Error ? error.message : String(error),
    });
  }

  /** A read or write succeeded. */
  succeeded(move: string): void {
    if (this.#failures > 0) this.#logger.info('Lease is reachable again', { move, failures: this.#failures });
    this.#failures = 0;
    this.#failureLoggedMs = Number.NEGATIVE_INFINITY;
    if (move === 'read') return;
    if (this.#conflicts > 1) this.#logger.info('Wrote the lease after conflicts', { conflicts: this.#conflicts });
    this.#conflicts = 0;
  }

  /** This process leads. @param lease as it was before @param silentMs how long it had been unchanged */
  leading(identity: string, term: number, lease: Lease | undefined, silentMs: number): void {
    const before = holderOf(lease);
    this.#holder = identity;
    this.#waitingFor = undefined;
    this.#silent = false;
    this.#logger.info('Started leading', {
      identity,
      term,
      ...(before && before !== identity && { takenFrom: before, silentMs: Math.round(silentMs) }),
    });
  }

  lost(reason: string, term: number | undefined): void {
    this.#logger.warn('Stopped leading', { reason, term });
  }
}
