import { checkDelay } from '../async/check-delay.ts';
import { afterMicrotasks, loopShareUsed, nextTurn } from '../async/loop-share.ts';
import type { Wait } from '../async/wait.ts';
import { within } from '../async/within.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { FailingKeys } from './failing-keys.ts';
import { type Lane, Lanes } from './lanes.ts';
import { ParkedKeys } from './parked-keys.ts';
import { Places } from './places.ts';
import { Run, type StuckRun } from './run.ts';
import { RunTimeoutError } from './run-timeout-error.ts';
import { Runs } from './runs.ts';
import type { RunResult } from './work-queue-observer.ts';
import { checkedOptions, type Outcome, type WorkQueueOptions } from './work-queue-options.ts';

export type { StuckRun } from './run.ts';
export type { Outcome, WorkQueueOptions } from './work-queue-options.ts';

/**
 * A work queue as Kubernetes controllers use it: a key waits at most once however often it is added, is never processed twice at
 * the same time, and is processed again if it was added meanwhile. Different keys are processed concurrently. A failing key is
 * requeued with exponential backoff of its own and delays no other key.
 *
 * In addition,
 * - namespaces take turns (FairLane);
 * - a run that waits for a condition occupies no worker slot (`Outcome.waitFor`), and a slow run releases its slot, within limits
 *   (Places);
 * - the queue yields to the event loop every few milliseconds, however many keys wait.
 *
 * @example
 * ```ts
 * const queue = new WorkQueue(async (key, signal) => {
 *   await reconcile(key, signal);
 *   return { requeueAfterMs: 60_000 };
 * });
 * queue.start();
 * queue.add('default/shop');
 * ```
 */
export class WorkQueue {
  readonly #process: (key: string, signal: AbortSignal) => Promise<Outcome | undefined>;
  readonly #options: ReturnType<typeof checkedOptions>;
  readonly #lanes = new Lanes();
  readonly #places: Places<Run>;
  readonly #running = new Runs();
  readonly #delayed = new DelayedKeys();
  readonly #failing: FailingKeys;
  readonly #parked = new ParkedKeys({
    wake: (key, lane) => this.add(key, lane),
    late: (key, lane, error) => this.#waitTimedOut(key, lane, error),
  });
  readonly #abort = new AbortController();
  #started = false;
  #draining = false;
  /** #fill() is scheduled. */
  #filling = false;
  #onIdle = () => {};

  /**
   * @param process processes one key; a rejection means failure and a later retry. It should stop early when its signal aborts
   *   (run timeout, or the deadline of `drain`)
   * @throws RangeError for an invalid option
   */
  constructor(
    process: (key: string, signal: AbortSignal) => Promise<Outcome | undefined>,
    options: WorkQueueOptions = {},
  ) {
    this.#process = process;
    this.#options = checkedOptions(options);
    this.#places = new Places(this.#options);
    this.#failing = new FailingKeys(this.#options);
  }

  /** Waiting keys, delayed and parked ones not counted. */
  get depth(): number {
    return this.#lanes.size;
  }

  /** Keys being processed, slow ones included. */
  get running(): number {
    return this.#running.size;
  }

  /** Slow runs, which have released their slots. */
  get slow(): number {
    return this.#places.slow;
  }

  /** Keys parked until a condition holds. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Keys whose last complete run failed. */
  get failing(): number {
    return this.#failing.size;
  }

  /** How long the longest failing key has been failing, in milliseconds; 0 if none is. */
  get oldestFailureMs(): number {
    return this.#failing.oldestMs;
  }

  /** How long the longest running run has been running, in milliseconds; 0 if none is. */
  get longestRunMs(): number {
    return this.#running.oldest?.ms ?? 0;
  }

  /** Runs that have been running for longer than `stuckAfterMs`. */
  get stuck(): number {
    return this.#running.olderThan(this.#options.stuckAfterMs);
  }

  /**
   * Returns the longest running run, if it is stuck.
   * @param leastMs how long a run must have been running to count as stuck. Default: the option `stuckAfterMs`
   */
  stuckFor(leastMs = this.#options.stuckAfterMs): StuckRun | undefined {
    const { key = '', ms = -1 } = this.#running.oldest ?? {};
    return ms >= leastMs ? { key, ms } : undefined;
  }

  /** True when no key waits, runs or is parked. Delayed keys do not count. */
  get idle(): boolean {
    return this.depth === 0 && this.#running.size === 0 && this.#parked.size === 0;
  }

  /** Stops processing keys until start(). Added keys wait, current runs continue. */
  pause(): void {
    this.#started = false;
  }

  /** Starts processing. Keys may be added before. */
  start(): void {
    this.#started = true;
    this.#fill();
  }

  /** Adds a key, also a parked one. Does nothing while draining, or if the key waits already (but an event moves a resync up). */
  add(key: string, lane: Lane = 'event'): void {
    if (this.#draining) return;
    this.#delayed.delete(key);
    const run = this.#running.get(key);
    if (run) {
      if (run.again !== 'event') run.again = lane;
      return;
    }
    const parkedFrom = this.#parked.take(key);
    if (this.#lanes.add(key, parkedFrom === 'event' ? 'event' : lane)) this.#options.observer?.added();
    this.#fill();
  }

  /**
   * Adds a key after a delay in milliseconds. An earlier delay of the same key wins; an event in between replaces it.
   * @throws RangeError if the delay is not a finite number of at least 0
   */
  addAfter(key: string, delayMs: number, lane: Lane = 'event'): void {
    checkDelay(delayMs, `${this.#options.name}: delay of ${key}`);
    if (this.#draining) return;
    if (this.#delayed.set(key, delayMs, () => this.add(key, lane))) this.#options.observer?.retried();
  }

  /** Forgets the failures, the delay and the wait of a key, for example when its object is deleted. */
  forget(key: string): void {
    this.#failing.forget(key);
    this.#delayed.delete(key);
    this.#parked.forget(key);
  }

  /**
   * Rejects new keys, drops waiting ones, and waits for current runs.
   * @param deadlineMs milliseconds after which the runs' signals abort
   * @returns true if all runs ended before the deadline
   * @throws RangeError if the deadline is not a finite number of at least 0
   */
  async drain(deadlineMs: number): Promise<boolean> {
    checkDelay(deadlineMs, `${this.#options.name}: drain deadline`);
    this.#draining = true;
    this.#delayed.clear();
    this.#parked.clear();
    this.#lanes.clear();
    if (this.#running.size === 0) return true;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const clean = await within(idle, deadlineMs);
    this.#abort.abort(new Error(`work queue stopped; its runs had ${deadlineMs} ms to finish`));
    return clean;
  }

  /**
   * Starts keys one by one while slots are free. Everything a run does before it first awaits I/O happens in microtasks. Only
   * after those is it known how long it took, and whether to yield to the event loop.
   */
  #fill(): void {
    if (this.#filling || !this.#started || !this.#places.free || this.#lanes.size === 0) return;
    this.#filling = true;
    const resume = () => {
      this.#filling = false;
      this.#fill();
    };
    if (loopShareUsed()) nextTurn(resume);
    else if (this.#begin()) afterMicrotasks(resume);
    else this.#filling = false;
  }

  /** Starts the next key. @returns false if no waiting namespace may start a run now */
  #begin(): boolean {
    const taken = this.#lanes.take((namespace) => this.#places.mayBegin(namespace));
    if (!taken) return false;
    const run = new Run(taken.key, taken.lane);
    this.#running.add(run);
    this.#places.begin(run);
    this.#options.observer?.started(run.since - taken.since);
    void this.#run(run);
    return true;
  }

  async #run(run: Run): Promise<void> {
    const { key } = run;
    const timeout = new AbortController();
    const releaseSlot = () => {
      this.#places.leave(run);
      this.#fill();
    };
    run.watch(this.#options, {
      slow: releaseSlot,
      timeout: () => {
        this.#timedOut(run, timeout);
        releaseSlot();
      },
      stuck: (ms) => this.#options.onStuck(key, ms),
    });
    let result: RunResult = 'error';
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#process(key, AbortSignal.any([timeout.signal, this.#abort.signal]));
      if (run.lateDelayMs === undefined) result = this.#succeeded(key, outcome);
    } catch (error) {
      if (run.lateDelayMs === undefined) this.#fail(key, error);
    } finally {
      run.end();
      this.#running.delete(run);
      this.#places.end(run);
      this.#options.observer?.ended(run.ms, run.lateDelayMs === undefined ? result : 'late');
      if (run.lateDelayMs !== undefined) this.addAfter(key, run.lateDelayMs);
      if (result === 'parked' && outcome?.waitFor) this.#park(run, outcome.waitFor);
      // After parking, so that the wait keeps its deadline however often the key is added.
      if (run.again) this.add(key, run.again);
      this.#fill();
      if (this.#running.size === 0) this.#onIdle();
    }
  }

  /** @throws RangeError for an invalid delay */
  #succeeded(key: string, outcome: Outcome | undefined): RunResult {
    const { requeueAfterMs, unchanged, waitFor } = outcome ?? {};
    if (requeueAfterMs !== undefined) {
      checkDelay(requeueAfterMs, `${this.#options.name}: requeueAfterMs of ${key}`);
      this.addAfter(key, requeueAfterMs);
    }
    if (waitFor) return 'parked';
    this.#failing.forget(key);
    this.#parked.forget(key);
    if (unchanged) return 'unchanged';
    return requeueAfterMs === undefined ? 'success' : 'requeue';
  }

  #park({ key, lane }: Run, wait: Wait): void {
    if (this.#draining) return;
    try {
      this.#parked.park(key, lane, wait);
    } catch (error) {
      this.#fail(key, error);
    }
  }

  #waitTimedOut(key: string, lane: Lane, error: Error): void {
    // A paused queue lets no key fail.
    if (this.#started) {
      this.#options.observer?.timedOut();
      this.#fail(key, error);
    } else {
      this.add(key, lane);
    }
  }

  #timedOut(run: Run, timeout: AbortController): void {
    const { observer, runTimeoutMs } = this.#options;
    const error = new RunTimeoutError(`${run.key}: run timed out after ${runTimeoutMs} ms; retrying after it returns`);
    observer?.timedOut();
    run.lateDelayMs = this.#failed(run.key, error);
    timeout.abort(error);
  }

  #fail(key: string, error: unknown): void {
    this.addAfter(key, this.#failed(key, error));
  }

  /** Counts and reports a failure. @returns the delay before the next attempt, in milliseconds */
  #failed(key: string, error: unknown): number {
    this.#parked.forget(key);
    const { failures, delayMs, retryAfterMs } = this.#failing.failed(key, error);
    this.#options.onFailure(key, error, failures, delayMs, retryAfterMs);
    return delayMs;
  }
}
