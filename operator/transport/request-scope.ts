import { LONGEST_TIMER_MS } from '../async/long-timeout.ts';
import { type RequestFate, TransportError } from './transport-error.ts';
import { UnexpectedAnswerError } from './unexpected-answer-error.ts';

/** The phase of a request, for the message when its deadline passes. */
export type RequestPhase =
  | 'getting credentials'
  | 'connecting'
  | 'waiting for the response'
  | 'reading the response'
  | 'waiting to retry';

/**
 * The lifetime of one call: its deadline, the caller's signal and the closing of the client, as one AbortSignal.
 *
 * The deadline is suspended while the call queues, which has a deadline of the same length of its own. So a request that waited
 * long still has its whole time to be answered in. A call lasts 2 × timeoutMs at most, all attempts and queueing included.
 *
 * Call end() when the call is over, or the timer and the caller's signal keep it alive.
 */
export class RequestScope {
  readonly method: string;
  readonly path: string;
  readonly timeoutMs: number;
  phase: RequestPhase = 'getting credentials';
  /** The source of credentials, for the message. */
  credentialsSource: string | undefined;
  /** The fate if the call ended now. Once sent in any attempt, `unknown` until answered. */
  fate: RequestFate = 'not-sent';
  /** The failure of the previous attempt, for the message. */
  previous: string | undefined;

  readonly #server: string;
  readonly #controller = new AbortController();
  #expires: number;
  #timer: ReturnType<typeof setTimeout>;
  #queueLeftMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onEnd: (() => void) | undefined;
  #over = false;
  readonly #onOuterAbort = () => this.#controller.abort(this.#outer?.reason);

  constructor(init: {
    method: string;
    path: string;
    server: string;
    timeoutMs: number;
    signal?: AbortSignal | undefined;
    /** Called once, by end(). */
    onEnd?: (() => void) | undefined;
  }) {
    this.method = init.method;
    this.path = init.path;
    this.timeoutMs = init.timeoutMs;
    this.#server = init.server;
    this.#outer = init.signal;
    this.#onEnd = init.onEnd;
    this.#expires = performance.now() + init.timeoutMs;
    this.#queueLeftMs = init.timeoutMs;
    this.#timer = setTimeout(() => this.abort(this.#timeoutError()), Math.min(init.timeoutMs, LONGEST_TIMER_MS));
    if (this.#outer?.aborted) this.#onOuterAbort();
    else this.#outer?.addEventListener('abort', this.#onOuterAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Time until the deadline, milliseconds. Not meaningful while queueing. */
  remainingMs(): number {
    return this.#expires - performance.now();
  }

  /**
   * Suspends the deadline and runs that of queueing, while `wait` lasts.
   * @param reason what the call queues for, called when that deadline passes
   */
  async queue<T>(wait: Promise<T>, reason: () => string): Promise<T> {
    clearTimeout(this.#timer);
    const started = performance.now();
    const remainingMs = this.#expires - started;
    this.#timer = setTimeout(
      () => this.abort(this.error(`not sent within ${this.timeoutMs} ms while ${reason()}`, undefined, true)),
      this.#queueLeftMs,
    );
    try {
      return await wait;
    } finally {
      clearTimeout(this.#timer);
      const now = performance.now();
      this.#queueLeftMs -= now - started;
      this.#expires = now + remainingMs;
      if (!this.#over) this.#timer = setTimeout(() => this.abort(this.#timeoutError()), remainingMs);
    }
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Ends the deadline: the stream has its own limits from here on. The caller's signal and abort() still apply. */
  stopDeadline(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuterAbort);
    this.#onEnd?.();
  }

  /** Builds a TransportError about this call. */
  error(what: string, cause?: unknown, timedOut = false): TransportError {
    const { method, path, fate } = this;
    return new TransportError(this.#message(what), { method, path, fate, timedOut, cause });
  }

  /** Builds the error for a success that no API server returns. @param what follows "returned 200" */
  unexpected(status: number, what: string, cause?: unknown): UnexpectedAnswerError {
    const { method, path, fate } = this;
    const message = this.#message(
      `returned ${status} ${what}. Check that this is a Kubernetes API server, not a gateway or a login page`,
    );
    return new UnexpectedAnswerError(message, { method, path, fate, status, cause });
  }

  #message(what: string): string {
    const before = this.previous === undefined ? '' : ` (previous attempt: ${this.previous})`;
    return `${this.method} ${this.path} on ${this.#server}: ${what}${before}`;
  }

  #timeoutError(): TransportError {
    const carriedOut =
      this.fate === 'unknown' && this.method !== 'GET' ? '; the server may still have carried it out' : '';
    const from =
      this.phase === 'getting credentials' && this.credentialsSource !== undefined
        ? ` from ${this.credentialsSource}`
        : '';
    return this.error(
      `no response within ${this.timeoutMs} ms while ${this.phase}${from}${carriedOut}`,
      undefined,
      true,
    );
  }
}
