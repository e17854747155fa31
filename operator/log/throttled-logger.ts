import type { Logger } from './logger.ts';

/** How long repeats of a message are suppressed, in milliseconds. */
const QUIET_MS = 10 * 60_000;

/** Logs one warning at most once in ten minutes, with the number of repeats suppressed since the last time. */
export class ThrottledLogger {
  readonly #logger: Logger;
  readonly #message: string;
  readonly #now: () => number;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #suppressed = 0;

  /** @param now a monotonic clock, milliseconds */
  constructor(logger: Logger, message: string, now = () => performance.now()) {
    this.#logger = logger;
    this.#message = message;
    this.#now = now;
  }

  warn(fields: object): void {
    if (this.#now() - this.#loggedAt < QUIET_MS) {
      this.#suppressed++;
      return;
    }
    this.#logger.warn(this.#message, { ...fields, ...(this.#suppressed > 0 && { suppressed: this.#suppressed }) });
    this.#loggedAt = this.#now();
    this.#suppressed = 0;
  }
}
