import { backoffMs } from './backoff.ts';

/** `event`: something happened to the object. `resync`: nothing did, it is looked at again to be safe; events go first. */
export type Lane = 'event' | 'resync';

/** What processing a key may ask for. */
export interface Outcome {
  /** Process the key again after so many milliseconds, if no event comes first. */
  requeueAfterMs?: number;
}

export interface WorkQueueOptions {
  /** How many keys are processed at once. Default 16. */
  concurrency?: number;
  /** First delay after a failure, in milliseconds; it doubles with each further one. Default 50. */
  baseDelayMs?: number;
  /** Longest delay after a failure, in milliseconds. Default 1 minute. */
  maxDelayMs?: number;
  /**
   * How long one run of a key may take, in milliseconds. Then its signal aborts, the run counts as failed and its
   * place goes to the next key; the key itself stays taken until the run really ends, so that never two runs of one
   * key overlap. Default 2 minutes.
   */
  runTimeoutMs?: number;
  /** Told of each failed run: the key, the error, how many failures in a row, and the delay before the next try. */
  onFailure?: (key: string, error: unknown, failures: number, delayMs: number) => void;
}

/**
 * A work queue as Kubernetes controllers use it: a key waits at most once however often it is added, is never
 * processed twice at the same time, and is processed again if it was added meanwhile. Different keys run side by
 * side. A failing key comes back after an exponentially growing delay of its own and holds up nobody.
 */
export class WorkQueue {
  readonly #process: (key: string, signal: AbortSignal) => Promise<Outcome | undefined>;
  readonly #concurrency: number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #runTimeoutMs: number;
  readonly #onFailure: NonNullable<WorkQueueOptions['onFailure']>;

  /** Keys that wait for a place, in order of arrival: sets keep it. */
  readonly #waiting: Record<Lane, Set<string>> = { event: new Set(), resync: new Set() };
  /** Keys being processed, and the lane they were added to meanwhile, if they were. */
  readonly #running = new Map<string, Lane | undefined>();
  readonly #timers = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  readonly #failures = new Map<string, number>();
  readonly #abort = new AbortController();
  #places: number;
  #started = false;
  #draining = false;
  #onIdle: (() => void) | undefined;

  /**
   * @param process does the work of one key; a rejection means failure and a later retry. It should stop early when
   *   its signal aborts (run timeout, or the deadline of `drain`).
   */
  constructor(
    process: (key: string, signal: AbortSignal) => Promise<Outcome | undefined>,
    options: WorkQueueOptions = {},
  ) {
    this.#process = process;
    this.#concurrency = options.concurrency ?? 16;
    this.#baseDelayMs = options.baseDelayMs ?? 50;
    this.#maxDelayMs = options.maxDelayMs ?? 60_000;
    this.#runTimeoutMs = options.runTimeoutMs ?? 2 * 60_000;
    this.#onFailure = options.onFailure ?? (() => {});
    this.#places = this.#concurrency;
  }

  /** Keys that wait for a place, without those in a delay. */
  get depth(): number {
    return this.#waiting.event.size + this.#waiting.resync.size;
  }

  /** Keys being processed now. */
  get running(): number {
    return this.#running.size;
  }

  /** True when nothing waits and nothing runs. Delayed keys do not count. */
  get idle(): boolean {
    return this.depth === 0 && this.#running.size === 0;
  }

  /** Begins processing no more keys until start(); what is added meanwhile waits, what runs goes on. */
  pause(): void {
    this.#started = false;
  }

  /** Begins processing. Keys may be added before. */
  start(): void {
    this.#started = true;
    this.#fill();
  }

  /** Adds a key. Does nothing while draining, or if it waits already (but an event moves a waiting resync up). */
  add(key: string, lane: Lane = 'event'): void {
    if (this.#draining) return;
    this.#cancelDelay(key);
    if (this.#running.has(key)) {
      if (this.#running.get(key) !== 'event') this.#running.set(key, lane);
      return;
    }
    if (this.#waiting.event.has(key)) return;
    if (lane === 'event') this.#waiting.resync.delete(key);
    this.#waiting[lane].add(key);
    this.#fill();
  }

  /** Adds a key after a delay in milliseconds. An earlier delay of the same key wins; an event in between replaces it. */
  addAfter(key: string, delayMs: number, lane: Lane = 'event'): void {
    if (this.#draining) return;
    const at = Date.now() + delayMs;
    const delayed = this.#timers.get(key);
    if (delayed && delayed.at <= at) return;
    this.#cancelDelay(key);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key, lane);
    }, delayMs);
    this.#timers.set(key, { timer, at });
  }

  /** Forgets the failures of a key and any delay it is in, as when its object is gone for good. */
  forget(key: string): void {
    this.#failures.delete(key);
    this.#cancelDelay(key);
  }

  /**
   * Takes in nothing more, drops what only waits, and waits for what runs.
   * @param deadlineMs after so many milliseconds the runs' signals abort
   * @returns true if all runs ended before the deadline
   */
  async drain(deadlineMs: number): Promise<boolean> {
    this.#draining = true;
    for (const key of [...this.#timers.keys()]) this.#cancelDelay(key);
    this.#waiting.event.clear();
    this.#waiting.resync.clear();
    if (this.#running.size === 0) return true;
    const idle = new Promise<true>((resolve) => {
      this.#onIdle = () => resolve(true);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), deadlineMs);
    });
    const clean = await Promise.race([idle, late]);
    clearTimeout(timer);
    this.#abort.abort(new Error(`the work queue was stopped and gave its runs ${deadlineMs} ms to end`));
    return clean;
  }

  #cancelDelay(key: string): void {
    const delayed = this.#timers.get(key);
    if (!delayed) return;
    clearTimeout(delayed.timer);
    this.#timers.delete(key);
  }

  #fill(): void {
    if (!this.#started) return;
    while (this.#places > 0) {
      const lane = this.#waiting.event.size > 0 ? this.#waiting.event : this.#waiting.resync;
      const next = lane.keys().next();
      if (next.done) return;
      lane.delete(next.value);
      this.#running.set(next.value, undefined);
      this.#places--;
      void this.#run(next.value);
    }
  }

  async #run(key: string): Promise<void> {
    const timeout = new AbortController();
    let placeFree = false;
    const freePlace = () => {
      if (placeFree) return;
      placeFree = true;
      this.#places++;
      this.#fill();
    };
    const timer = setTimeout(() => {
      timeout.abort(new Error(`${key}: processing took longer than ${this.#runTimeoutMs} ms and was given up`));
      freePlace();
    }, this.#runTimeoutMs);
    try {
      const signal = AbortSignal.any([timeout.signal, this.#abort.signal]);
      const outcome = await this.#process(key, signal);
      timeout.signal.throwIfAborted();
      this.#failures.delete(key);
      if (outcome?.requeueAfterMs !== undefined) this.addAfter(key, outcome.requeueAfterMs);
    } catch (error) {
      this.#fail(key, error);
    } finally {
      clearTimeout(timer);
      const again = this.#running.get(key);
      this.#running.delete(key);
      if (again) this.add(key, again);
      freePlace();
      if (this.#running.size === 0) this.#onIdle?.();
    }
  }

  #fail(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = backoffMs(failures, this.#baseDelayMs, this.#maxDelayMs);
    this.addAfter(key, delayMs);
    this.#onFailure(key, error, failures, delayMs);
  }
}
