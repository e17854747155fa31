import { namespaceOf } from './fair-lane.ts';

/** Bounds of the runs under way, see Places. */
export interface PlaceLimits {
  /** Runs that hold a place at once. */
  concurrency: number;
  /** Slow runs at once, of all namespaces. */
  maxSlowRuns: number;
  /** Slow runs at once of one namespace. */
  maxSlowRunsPerNamespace: number;
}

/** What holds a place, or has left it as a slow run. */
interface Holder {
  readonly key: string;
}

/**
 * Counts the runs under way. A run begins with a place of its own. A run that takes long leaves its place to another and
 * goes on as a slow run, so that what it waits for (a slow webhook, say) holds up nobody else. Slow runs are bounded: at
 * the bound a run keeps its place, and a namespace that has as many runs as may be slow begins no more of them, while
 * other namespaces go on.
 */
export class Places<R extends Holder> {
  readonly #limits: PlaceLimits;
  readonly #runsPerNamespace: number;
  readonly #holding = new Set<R>();
  readonly #slow = new Set<R>();
  /** Runs that hold a place and would leave it, in the order they became slow. */
  readonly #wouldLeave = new Set<R>();
  readonly #runsOf = new Map<string, number>();
  readonly #slowOf = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
    this.#runsPerNamespace = Math.max(limits.maxSlowRunsPerNamespace, limits.concurrency);
  }

  /** Whether a run could begin, if its namespace may. */
  get free(): boolean {
    return this.#holding.size < this.#limits.concurrency;
  }

  /** Runs under way without a place. */
  get slow(): number {
    return this.#slow.size;
  }

  /** Whether a namespace may begin one more run. */
  mayBegin(namespace: string): boolean {
    return (this.#runsOf.get(namespace) ?? 0) < this.#runsPerNamespace;
  }

  /** A run begins and takes a place. Ask `free` and `mayBegin` before. */
  begin(run: R): void {
    this.#holding.add(run);
    count(this.#runsOf, namespaceOf(run.key), 1);
  }

  /** A run takes long: it leaves its place, now or as soon as the bounds allow. */
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
