import type { EventRecorder } from '../events/event-recorder.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import { describeError } from '../log/describe-error.ts';
import { errorFields, type Logger, withFields } from '../log/logger.ts';
import { RunTimeoutError } from '../queue/run-timeout-error.ts';
import { TransportError } from '../transport/transport-error.ts';
import type { FrameworkEvent } from './framework-events.ts';
import { DependentsFailedError } from './handler-context.ts';

/** An Event reports a failure after this many in a row: with the default delays, within half a second. */
const REPORTED_FAILURES = 3;

/** How long the `@OnError` handler may take after a handler that hangs, in milliseconds. */
const FAILED_DEADLINE_MS = 30_000;

/** What the reports of one controller's failures need. */
interface FailureReportsOptions {
  /** Name of the controller class. */
  controller: string;
  kind: string;
  events: EventRecorder;
  logger: Logger;
  /** Calls the controller's `@OnError` handler. */
  onError: (key: string, primary: StoredObject, error: unknown, logger: Logger, signal: AbortSignal) => Promise<void>;
}

/** Reports failed and hanging runs of one controller: in the log, and by an Event once they last. */
export class FailureReports {
  readonly #options: FailureReportsOptions;

  constructor(options: FailureReportsOptions) {
    this.#options = options;
  }

  /**
   * A run failed.
   * @param primary the resource as cached; undefined: it is gone
   * @param retry how many runs failed in a row, when the next one is due, and how long the server asked to wait, milliseconds
   */
  failed(
    key: string,
    primary: StoredObject | undefined,
    error: unknown,
    { failures, delayMs, retryAfterMs }: { failures: number; delayMs: number; retryAfterMs: number | undefined },
  ): void {
    const { kind, logger } = this.#options;
    logger.warn('Reconcile failed, retrying', {
      kind,
      key,
      failures,
      retryInMs: Math.round(delayMs),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...errorFields(error),
    });
    if (primary) this.#report(key, primary, error, failures);
  }

  /** A handler has not returned for `ms` milliseconds. */
  stuck(key: string, ms: number): void {
    const { kind, controller, logger } = this.#options;
    const runningMs = Math.round(ms);
    logger.error('Handler has not returned, the resource is blocked until it does', {
      kind,
      key,
      controller,
      runningMs,
    });
  }

  #report(key: string, primary: StoredObject, error: unknown, failures: number): void {
    const { controller, kind, events, logger, onError } = this.#options;
    const hangs = error instanceof RunTimeoutError;
    // The run itself cannot call it: it has not returned.
    if (hangs) {
      const signal = AbortSignal.timeout(FAILED_DEADLINE_MS);
      void onError(key, primary, error, withFields(logger, { kind, key }), signal);
    }
    // The status shows which generated objects failed, and no Event can be written to a server that is away.
    const reported = error instanceof DependentsFailedError || error instanceof TransportError;
    if (reported || !(hangs || failures === REPORTED_FAILURES)) return;
    const note = hangs
      ? `The handler of ${controller} has not returned: ${describeError(error)}`
      : `Reconciling failed ${failures} times in a row and will be retried: ${describeError(error)}`;
    const reason = hangs ? 'HandlerTimeout' : 'ReconcileFailed';
    const event: FrameworkEvent = { type: 'Warning', reason, action: 'Reconcile', note };
    events.record(primary, event);
  }
}
