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
 * A work queue as Kubernetes controllers use it: a key waits at most once however often it is added, is never
 * processed twice at the same time, and is processed again if it was added meanwhile. Different keys run side by
 * side. A failing key comes back after an exponentially growing delay of its own and holds up nobody.
 *
 * Beyond that,
 * - namespaces take turns (FairLane);
 * - a run that needs something first holds no place while it waits (`Outcome.waitFor`), and a slow one leaves its place
 *   to others, within bounds (Places);
 * - the event loop gets a turn every few milliseconds however many keys wait: the rest is done in between.
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
    late: (key, lane, error) => this.#waitedInVain(key, lane, error),
  });
  readonly #abort = new AbortController();
  #started = false;
  #draining = false;
  /** The next key is going to be begun, if there is one. */
  #filling = false;
  #onIdle = () => {};

  /**
   * @param process does the work of one key; a rejection means failure and a later retry. It should stop early when
   *   its signal aborts (run timeout, or the deadline of `drain`).
   * @throws RangeError if an option is no number that makes sense
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

  /** Keys that wait for a place, without those in a delay and those parked. */
  get depth(): number {
    return this.#lanes.size;
  }

  /** Keys being processed, slow ones included. */
  get running(): number {
    return this.#running.size;
  }

  /** Runs that have left their place to others. */
  get slow(): number {
    return this.#places.slow;
  }

  /** Keys put aside until what they need is there. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Keys whose last complete run failed. */
  get failing(): number {
    return this.#failing.size;
  }

  /** How long the key that fails longest has been failing, in milliseconds; 0 if none does. */
  get oldestFailureMs(): number {
    return this.#failing.oldestMs;
  }

  /** How long the oldest of the runs has been under way, in milliseconds; 0 if none is. */
  get longestRunMs(): number {
    return this.#running.oldest?.ms ?? 0;
  }

  /** Runs that have been under way for longer than `stuckAfterMs`. */
  get stuck(): number {
    return this.#running.olderThan(this.#options.stuckAfterMs);
  }

  /**
   * @param leastMs how long a run must have been under way to count. Default: the option `stuckAfterMs`
   * @returns the run that has been under way longest, if it counts
   */
  stuckFor(leastMs = this.#options.stuckAfterMs): StuckRun | undefined {
    const { key = '', ms = -1 } = this.#running.oldest ?? {};
    return ms >= leastMs ? { key, ms } : undefined;
  }

  /** True when nothing waits, nothing runs and nothing is parked. Delayed keys do not count. */
  get idle(): boolean {
    return this.depth === 0 && this.#running.size === 0 && this.#parked.size === 0;
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

  /** Adds a key; one that is parked comes back. Does nothing while draining, or if it waits already (but an event moves it up). */
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
   * @throws RangeError if the delay is not a finite number from 0 on
   */
  addAfter(key: string, delayMs: number, lane: Lane = 'event'): void {
    checkDelay(delayMs, `${this.#options.name}: delay of ${key}`);
    if (this.#draining) return;
    if (this.#delayed.set(key, delayMs, () => this.add(key, lane))) this.#options.observer?.retried();
  }

  /** Forgets the failures of a key, any delay it is in and what it waits for, as when its object is gone for good. */
  forget(key: string): void {
    this.#failing.forget(key);
    this.#delayed.delete(key);
    this.#parked.forget(key);
  }

  /**
   * Takes in nothing more, drops what only waits, and waits for what runs.
   * @param deadlineMs after so many milliseconds the runs' signals abort
   * @returns true if all runs ended before the deadline
   * @throws RangeError if the deadline is not a finite number from 0 on
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
   * Begins the next key, and then those after it while there are places, one by one. What a run does before it first
   * awaits something real it does in microtasks: only after those is known how long it took, and whether the event loop
   * is due a turn.
   */
  #fill(): void {
    if (this.#filling || !this.#started || !this.#places.free || this.#lanes.size === 0) return;
    this.#filling = true;
    const goOn = () => {
      this.#filling = false;
      this.#fill();
    };
    if (loopShareUsed()) nextTurn(goOn);
    else if (this.#begin()) afterMicrotasks(goOn);
    else this.#filling = false;
  }

  /** @returns false if none of the namespaces that wait may begin a run now */
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
    const leavePlace = () => {
      this.#places.leave(run);
      this.#fill();
    };
    run.watch(this.#options, {
      slow: leavePlace,
      timeout: () => {
        this.#timedOut(run, timeout);
        leavePlace();
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
      // After the parking: it keeps its deadline however often the key comes back.
      if (run.again) this.add(key, run.again);
      this.#fill();
      if (this.#running.size === 0) this.#onIdle();
    }
  }

  /** @throws RangeError if the outcome asks for a delay that is none */
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

  #waitedInVain(key: string, lane: Lane, error: Error): void {
    // While nothing is processed nothing can fail either.
    if (this.#started) {
      this.#options.observer?.timedOut();
      this.#fail(key, error);
    } else {
      this.add(key, lane);
    }
  }

  #timedOut(run: Run, timeout: AbortController): void {
    const { observer, runTimeoutMs } = this.#options;
    const error = new RunTimeoutError(
      `${run.key}: run timed out after ${runTimeoutMs} ms; retrying once it has returned`,
    );
    observer?.timedOut();
    run.lateDelayMs = this.#failed(run.key, error);
    timeout.abort(error);
  }

  #fail(key: string, error: unknown): void {
    this.addAfter(key, this.#failed(key, error));
  }

  /** Counts and reports a failure. @returns the delay before the next try, in milliseconds */
  #failed(key: string, error: unknown): number {
    this.#parked.forget(key);
    const { failures, delayMs, retryAfterMs } = this.#failing.failed(key, error);
    this.#options.onFailure(key, error, failures, delayMs, retryAfterMs);
    return delayMs;
  }
}
