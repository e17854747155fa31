import { compareResourceVersions } from '../informer/resource-version.ts';
import type { ElectionSettings } from './election-options.ts';
import { durationOf, holderOf, isHeldBy, type Lease, type Observation, saysTheSame, termOf } from './lease.ts';

/** What this candidate knows of the Lease, from its watch and from the answers of the API server. */
export class ObservedLease {
  readonly #settings: ElectionSettings;
  #observation: Observation = { lease: undefined, sinceMs: 0, confirmedMs: undefined, heardMs: 0, notBeforeMs: 0 };
  #last: Lease | undefined;
  #highestTerm = 0;

  constructor(settings: ElectionSettings) {
    this.#settings = settings;
  }

  get observation(): Observation {
    return this.#observation;
  }

  /** The Lease as last seen; undefined: there is none, or none was seen yet. */
  get lease(): Lease | undefined {
    return this.#observation.lease;
  }

  /** The Lease that was seen last, even if it has been deleted since. */
  get last(): Lease | undefined {
    return this.#last;
  }

  /** The highest term seen in the Lease. */
  get highestTerm(): number {
    return this.#highestTerm;
  }

  /**
   * Records a version of the Lease.
   *
   * @param ownTerm the term this process took last
   * @param confirmed whether the API server answered with it, as opposed to a watch
   * @param restart whether its expiry starts over even if its content is unchanged
   */
  observe(
    lease: Lease | undefined,
    ownTerm: number | undefined,
    { confirmed, restart = false }: { confirmed: boolean; restart?: boolean },
  ): void {
    const now = performance.now();
    const { identity, leaseDurationSeconds } = this.#settings;
    const before = this.#observation;
    let { notBeforeMs } = before;
    if (!lease && holderOf(before.lease) && !isHeldBy(before.lease, identity, ownTerm)) {
      // Deleted under a holder that may lead until its own deadline. A person who deletes it does not want to wait for ever.
      const ownMs = leaseDurationSeconds * 1000;
      const lastsMs = Math.min(durationOf(before.lease) ?? ownMs, ownMs);
      notBeforeMs = Math.max(notBeforeMs, before.sinceMs + lastsMs);
    }
    this.#observation = {
      lease,
      sinceMs: !restart && saysTheSame(before.lease, lease) ? before.sinceMs : now,
      confirmedMs: confirmed ? now : before.confirmedMs,
      heardMs: now,
      notBeforeMs,
    };
    if (lease) this.#last = lease;
    this.#highestTerm = Math.max(this.#highestTerm, termOf(lease));
  }

  /** Compares the version of a Lease with the one seen last, see compareResourceVersions(); positive if none was seen. */
  compareWithLast({ metadata }: Lease): number | undefined {
    const known = this.#last?.metadata?.resourceVersion;
    return known === undefined ? 1 : compareResourceVersions(metadata?.resourceVersion ?? '', known);
  }

  /** Whether a Lease is older than the one seen last. A deleted Lease looks like one that never existed. */
  isOlderThanLast(lease: Lease | undefined): boolean {
    const [a, b] = [lease?.metadata?.resourceVersion, this.#last?.metadata?.resourceVersion];
    return a !== undefined && b !== undefined && (compareResourceVersions(a, b) ?? 0) < 0;
  }

  /** The watch delivered the version that is known already. */
  heardAgain(): void {
    this.#observation.heardMs = performance.now();
  }

  /** Requires a read of the Lease before the next decision. */
  mustRead(): void {
    this.#observation = { ...this.#observation, confirmedMs: undefined };
  }

  /** Forbids taking the Lease for a number of milliseconds from now. */
  holdOff(ms: number): void {
    this.#observation = { ...this.#observation, notBeforeMs: performance.now() + ms };
  }

  /** Forgets the last version, as when it belongs to a history that is over. */
  forgetLast(): void {
    this.#last = undefined;
  }

  /** When the Lease may be taken, by the monotonic clock, milliseconds, unless it is renewed. */
  get freeAtMs(): number {
    const { lease, sinceMs, notBeforeMs } = this.#observation;
    if (!holderOf(lease)) return Math.max(notBeforeMs, 0);
    return Math.max(notBeforeMs, sinceMs + (durationOf(lease) ?? this.#settings.leaseDurationSeconds * 1000));
  }
}
