/** When repairs of contended objects are delayed. Times in milliseconds. */
export interface BrakeTimings {
  /** This many repairs of one object within the window are immediate; the next one is delayed. Default 3. */
  repairs: number;
  /** Also how long no other client must change the object until contention is over. Default 1 minute. */
  windowMs: number;
  /** Delay before the first delayed repair; doubles with each further one. Default 5 s. */
  firstDelayMs: number;
  /** Longest time between two repairs. Default 5 minutes. */
  maxDelayMs: number;
}

export const BRAKE_TIMINGS: BrakeTimings = {
  repairs: 3,
  windowMs: 60_000,
  firstDelayMs: 5_000,
  maxDelayMs: 300_000,
};

/** Contention as reported when it began. */
export interface Fight {
  fields: readonly string[];
  who: string;
}

/** The state of contention while the object matches. */
export type Calm = { over: true; fight: Fight | undefined } | { over: false; afterMs: number };

interface Braked {
  /** How many repairs were delayed already. */
  level: number;
  nextWriteAt: number;
  /** When another client's change was last seen or reverted. */
  changedAt: number;
  fight?: Fight;
}

interface Writes {
  /** Times of the last repairs. */
  repairs: number[];
  writtenAt: number;
  /** Hash of the description that was written last. */
  hash: string;
  braked?: Braked;
}

/**
 * Delays repairs of objects that another client reverts every time: another operator, an admission webhook, a controller or a
 * person. Each object has its own brake. The first repairs are immediate, then the delay doubles; it is reset when the object has
 * not been changed for a while.
 *
 * Pure except for its clock. It remembers only the writes of the last window, and contention.
 */
export class WriteBrake {
  readonly #timings: BrakeTimings;
  readonly #now: () => number;
  /** By owner, then by object. */
  readonly #owners = new Map<string, Map<string, Writes>>();
  #sweptAt: number;

  /** @param now a clock that never goes back, in milliseconds */
  constructor(timings: Partial<BrakeTimings> = {}, now: () => number = () => performance.now()) {
    this.#timings = { ...BRAKE_TIMINGS, ...timings };
    this.#now = now;
    this.#sweptAt = now();
  }

  /** How many objects are remembered, for tests and metrics. */
  get size(): number {
    return [...this.#owners.values()].reduce((sum, objects) => sum + objects.size, 0);
  }

  /** Another client has changed an object. @returns the delay of its repair in milliseconds; 0: none */
  waitMs(owner: string, object: string): number {
    const writes = this.#owners.get(owner)?.get(object);
    if (!writes) return 0;
    const now = this.#now();
    if (!writes.braked) {
      const { repairs, windowMs, firstDelayMs } = this.#timings;
      writes.repairs = writes.repairs.filter((at) => at > now - windowMs);
      if (writes.repairs.length < repairs) return 0;
      writes.braked = { level: 0, nextWriteAt: writes.writtenAt + firstDelayMs, changedAt: now };
    }
    writes.braked.changedAt = now;
    return Math.max(0, writes.braked.nextWriteAt - now);
  }

  /** Records a write of a new description. @param hash of the description */
  wrote(owner: string, object: string, hash: string): void {
    const writes = this.#of(owner, object);
    writes.writtenAt = this.#now();
    writes.hash = hash;
  }

  /** Records a repair. */
  repaired(owner: string, object: string, hash: string): void {
    this.wrote(owner, object, hash);
    const writes = this.#of(owner, object);
    const { repairs, firstDelayMs, maxDelayMs } = this.#timings;
    const { braked, writtenAt } = writes;
    if (!braked) {
      writes.repairs = [...writes.repairs, writtenAt].slice(-repairs);
      return;
    }
    braked.level++;
    braked.changedAt = writtenAt;
    braked.nextWriteAt = writtenAt + Math.min(firstDelayMs * 2 ** braked.level, maxDelayMs);
  }

  /** The hash of what was written to an object within the window; undefined if nothing was. */
  lastHash(owner: string, object: string): string | undefined {
    const writes = this.#owners.get(owner)?.get(object);
    if (!writes || (!writes.braked && writes.writtenAt <= this.#now() - this.#timings.windowMs)) return undefined;
    return writes.hash;
  }

  /** The reported contention over an object. */
  fight(owner: string, object: string): Fight | undefined {
    return this.#owners.get(owner)?.get(object)?.braked?.fight;
  }

  /** Records that contention over an object was reported. */
  began(owner: string, object: string, fight: Fight): void {
    const braked = this.#owners.get(owner)?.get(object)?.braked;
    if (braked) braked.fight = fight;
  }

  /** An object matches. @returns the state of contention over it; undefined if there is none */
  calm(owner: string, object: string): Calm | undefined {
    const writes = this.#owners.get(owner)?.get(object);
    if (!writes?.braked) return undefined;
    const afterMs = writes.braked.changedAt + this.#timings.windowMs - this.#now();
    if (afterMs > 0) return { over: false, afterMs };
    const { fight } = writes.braked;
    this.forget(owner, object);
    return { over: true, fight };
  }

  /** Forgets an object, or all objects of a deleted owner. */
  forget(owner: string, object?: string): void {
    const objects = this.#owners.get(owner);
    if (object !== undefined) objects?.delete(object);
    if (object === undefined || objects?.size === 0) this.#owners.delete(owner);
  }

  #of(owner: string, object: string): Writes {
    this.sweep();
    const objects = this.#owners.get(owner) ?? new Map<string, Writes>();
    const writes = objects.get(object) ?? { repairs: [], writtenAt: this.#now(), hash: '' };
    this.#owners.set(owner, objects.set(object, writes));
    return writes;
  }

  /**
   * Forgets old writes, and contention that was not queried for longer than any delay. Every write does so too; call it
   * regularly for times without writes.
   */
  sweep(): void {
    const now = this.#now();
    const { windowMs, maxDelayMs } = this.#timings;
    if (now - this.#sweptAt < windowMs) return;
    this.#sweptAt = now;
    for (const [owner, objects] of this.#owners) {
      for (const [object, { writtenAt, braked }] of objects) {
        const until = braked ? braked.changedAt + maxDelayMs + windowMs : writtenAt + windowMs;
        if (until <= now) this.forget(owner, object);
      }
    }
  }
}
