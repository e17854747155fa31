import { LONGEST_TIMER_MS } from '../timer/long-timeout.ts';
import { type RequestFate, TransportError } from './transport-error.ts';

/** What a request is doing, for the message when its deadline passes. */
export type RequestPhase =
  | 'getting credentials'
  | 'waiting for a free place among the concurrent requests'
  | 'connecting'
  | 'waiting for the answer'
  | 'reading the answer'
  | 'waiting to try again';

/**
 * The life of one call: its deadline, the caller's signal and the closing of the client, as one AbortSignal.
 * end() must be called when the call is over, or the timer and the caller's signal keep it alive.
 */
export class RequestScope {
  readonly method: string;
  readonly path: string;
  readonly timeoutMs: number;
  phase: RequestPhase = 'getting credentials';
  /** What is known should it end now. Once sent in any attempt, `unknown` until answered. */
  fate: RequestFate = 'not-sent';
  /** The failure before this attempt, for the message. */
  previous: string | undefined;

  readonly #server: string;
  readonly #controller = new AbortController();
  readonly #expires: number;
  readonly #timer: ReturnType<typeof setTimeout>;
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
    this.#timer = setTimeout(() => this.abort(this.#timeoutError()), Math.min(init.timeoutMs, LONGEST_TIMER_MS));
    if (this.#outer?.aborted) this.#onOuterAbort();
    else this.#outer?.addEventListener('abort', this.#onOuterAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  remainingMs(): number {
    return this.#expires - performance.now();
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The deadline has been met; what comes now has limits of its own. The caller's signal and abort() still count. */
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

  /** A TransportError about this call. */
  error(what: string, cause?: unknown, timedOut = false): TransportError {
    const before = this.previous === undefined ? '' : ` (the attempt before: ${this.previous})`;
    return new TransportError(`${this.method} ${this.path} on ${this.#server}: ${what}${before}`, {
      method: this.method,
      path: this.path,
      fate: this.fate,
      timedOut,
      cause,
    });
  }

  #timeoutError(): TransportError {
    const carriedOut =
      this.fate === 'unknown' && this.method !== 'GET' ? '; the server may have carried it out all the same' : '';
    return this.error(
      `no answer within the deadline of ${this.timeoutMs} ms, while ${this.phase}${carriedOut}`,
      undefined,
      true,
    );
  }
}
