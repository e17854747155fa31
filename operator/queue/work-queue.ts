import { backoffMs } from './backoff.ts';
import type { RunResult, WorkQueueObserver } from './work-queue-observer.ts';

/** `event`: something happened to the object. `resync`: nothing did, it is looked at again to be safe; events go first. */
export type Lane = 'event' | 'resync';

/** What processing a key may ask for. */
export interface Outcome {
  /** Process the key again after so many milliseconds, if no event comes first. */
  requeueAfterMs?: number;
  /** There was nothing to do; counted apart. */
  unchanged?: boolean;
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
  /** Told what happens, for metrics. In the options of an Operator it is its own. */
  observer?: WorkQueueObserver;
}

/** A key being processed. */
interface Run {
  /** Monotonic time of its beginning, milliseconds. */
  since: number;
  /** The lane the key was added to meanwhile, if it was. */
  again: Lane | undefined;
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
  readonly #observer: WorkQueueObserver | undefined;

  /** Keys that wait for a place and since when, in order of arrival: maps keep it. */
  readonly #waiting: Record<Lane, Map<string, number>> = { event: new Map(), resync: new Map() };
  /** Keys being processed, those longest under way first. */
  readonly #running = new Map<string, Run>();
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
    this.#observer = options.observer;
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

  /** How long the oldest of the runs has been under way, in milliseconds; 0 if none is. */
  get longestRunMs(): number {
    const oldest = this.#running.values().next();
    return oldest.done ? 0 : performance.now() - oldest.value.since;
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
    const run = this.#running.get(key);
    if (run) {
      if (run.again !== 'event') run.again = lane;
      return;
    }
    if (this.#waiting.event.has(key)) return;
    const since = this.#waiting.resync.get(key);
    if (since !== undefined && lane === 'resync') return;
    this.#waiting.resync.delete(key);
    this.#waiting[lane].set(key, since ?? performance.now());
    if (since === undefined) this.#observer?.added();
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
    this.#observer?.retried();
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
      const next = lane.entries().next();
      if (next.done) return;
      const [key, waitingSince] = next.value;
      const run: Run = { since: performance.now(), again: undefined };
      lane.delete(key);
      this.#running.set(key, run);
      this.#places--;
      this.#observer?.started(run.since - waitingSince);
      void this.#run(key, run);
    }
  }

  async #run(key: string, run: Run): Promise<void> {
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
    let result: RunResult = 'error';
    try {
      const signal = AbortSignal.any([timeout.signal, this.#abort.signal]);
      const outcome = await this.#process(key, signal);
      timeout.signal.throwIfAborted();
      result = resultOf(outcome);
      this.#failures.delete(key);
      if (outcome?.requeueAfterMs !== undefined) this.addAfter(key, outcome.requeueAfterMs);
    } catch (error) {
      this.#fail(key, error);
    } finally {
      clearTimeout(timer);
      this.#running.delete(key);
      this.#observer?.ended(performance.now() - run.since, result);
      if (run.again) this.add(key, run.again);
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

function resultOf(outcome: Outcome | undefined): RunResult {
  if (outcome?.unchanged) return 'unchanged';
  return outcome?.requeueAfterMs === undefined ? 'success' : 'requeue';
}
