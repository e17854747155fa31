/** When writes against changes of others are held back. Times in milliseconds. */
export interface BrakeTimings {
  /** So many repairs of one object within the window are made at once; the next one is held back. Default 3. */
  repairs: number;
  /** Also how long nobody must change the object until the fight counts as over. Default 1 minute. */
  windowMs: number;
  /** Between the last repair and the first one that is held back; doubles with each further one. Default 5 s. */
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

/** What was said about a fight when it began. */
export interface Fight {
  fields: readonly string[];
  who: string;
}

/** How a fight stands, as long as the object is as it should be. */
export type Calm = { over: true; fight: Fight | undefined } | { over: false; afterMs: number };

interface Braked {
  /** How many repairs were held back already. */
  level: number;
  nextWriteAt: number;
  /** When somebody's change was last seen, or written over. */
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
 * Holds back writes to objects that others change back at once: another operator, an admission webhook, a controller or a
 * person. Each object has a brake of its own. A few repairs are free, then the time between two of them doubles; when nobody
 * has changed the object for a while, it is as at the beginning.
 *
 * Pure but for its clock. It remembers only what was written in the last window, and fights.
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

  /** Somebody has changed an object. @returns how long its repair has to wait, in milliseconds; 0: not at all */
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

  /** An object was written, because of its description. @param hash of the description */
  wrote(owner: string, object: string, hash: string): void {
    const writes = this.#of(owner, object);
    writes.writtenAt = this.#now();
    writes.hash = hash;
  }

  /** An object was written, because somebody had changed it. */
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

  /** What was said about the fight for an object. */
  fight(owner: string, object: string): Fight | undefined {
    return this.#owners.get(owner)?.get(object)?.braked?.fight;
  }

  /** Remembers what was said about the fight for an object whose repair has to wait. */
  began(owner: string, object: string, fight: Fight): void {
    const braked = this.#owners.get(owner)?.get(object)?.braked;
    if (braked) braked.fight = fight;
  }

  /** An object is as it should be. @returns how the fight for it stands; undefined if there is none */
  calm(owner: string, object: string): Calm | undefined {
    const writes = this.#owners.get(owner)?.get(object);
    if (!writes?.braked) return undefined;
    const afterMs = writes.braked.changedAt + this.#timings.windowMs - this.#now();
    if (afterMs > 0) return { over: false, afterMs };
    const { fight } = writes.braked;
    this.forget(owner, object);
    return { over: true, fight };
  }

  /** Forgets an object, or all of an owner that is gone. */
  forget(owner: string, object?: string): void {
    const objects = this.#owners.get(owner);
    if (object !== undefined) objects?.delete(object);
    if (object === undefined || objects?.size === 0) this.#owners.delete(owner);
  }

  #of(owner: string, object: string): Writes {
    this.#sweep();
    const objects = this.#owners.get(owner) ?? new Map<string, Writes>();
    const writes = objects.get(object) ?? { repairs: [], writtenAt: this.#now(), hash: '' };
    this.#owners.set(owner, objects.set(object, writes));
    return writes;
  }

  /** Forgets what was written long ago, and fights that nobody asked about for longer than any wait. */
  #sweep(): void {
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
