import { namespaceOf } from './fair-lane.ts';

/** Limits of concurrent runs, see Places. */
export interface PlaceLimits {
  /** Concurrent runs that occupy a worker slot. */
  concurrency: number;
  /** Concurrent slow runs in all namespaces. */
  maxSlowRuns: number;
  /** Concurrent slow runs in one namespace. */
  maxSlowRunsPerNamespace: number;
}

/** A run that occupies a worker slot, or has released it because it is slow. */
interface Holder {
  readonly key: string;
}

/**
 * The worker slots of a queue. A run begins in a slot. A run that takes long releases its slot and continues as a slow run, so that
 * its wait (such as for a slow webhook) delays no other key. The number of slow runs is limited. At the limit a run keeps its
 * slot. A namespace with as many runs as its limit of slow runs (or `concurrency`, if that is more) starts no more, while other
 * namespaces continue.
 */
export class Places<R extends Holder> {
  readonly #limits: PlaceLimits;
  readonly #runsPerNamespace: number;
  readonly #holding = new Set<R>();
  readonly #slow = new Set<R>();
  /** Slow runs that still occupy a slot, in the order they became slow. */
  readonly #wouldLeave = new Set<R>();
  readonly #runsOf = new Map<string, number>();
  readonly #slowOf = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
    this.#runsPerNamespace = Math.max(limits.maxSlowRunsPerNamespace, limits.concurrency);
  }

  /** Whether a slot is free. */
  get free(): boolean {
    return this.#holding.size < this.#limits.concurrency;
  }

  /** Slow runs without a slot. */
  get slow(): number {
    return this.#slow.size;
  }

  /** Whether a namespace may start one more run. */
  mayBegin(namespace: string): boolean {
    return (this.#runsOf.get(namespace) ?? 0) < this.#runsPerNamespace;
  }

  /** Starts a run in a slot. Check `free` and `mayBegin` before. */
  begin(run: R): void {
    this.#holding.add(run);
    count(this.#runsOf, namespaceOf(run.key), 1);
  }

  /** A run is slow: it releases its slot, now or as soon as the limits allow. */
  leave(run: R): void {
    if (this.#holding.has(run)) this.#wouldLeave.add(run);
    this.#letLeave();
  }

  /** A run has ended. */
  end(run: R): void {
    const namespace = namespaceOf(run.key);
    count(this.#runsOf, namespace, -1);
    this.#wouldLeave.delete(run);
    this.#holding.delete(run);
    if (!this.#slow.delete(run)) return;
    count(this.#slowOf, namespace, -1);
    this.#letLeave();
  }

  #letLeave(): void {
    for (const run of this.#wouldLeave) {
      if (this.#slow.size >= this.#limits.maxSlowRuns) return;
      const namespace = namespaceOf(run.key);
      if ((this.#slowOf.get(namespace) ?? 0) >= this.#limits.maxSlowRunsPerNamespace) continue;
      this.#wouldLeave.delete(run);
      this.#holding.delete(run);
      this.#slow.add(run);
      count(this.#slowOf, namespace, 1);
    }
  }
}

function count(counts: Map<string, number>, namespace: string, change: 1 | -1): void {
  const now = (counts.get(namespace) ?? 0) + change;
  if (now === 0) counts.delete(namespace);
  else counts.set(namespace, now);
}
