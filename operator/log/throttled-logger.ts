import type { Logger } from './logger.ts';

/** How long the same trouble is not told again, in milliseconds. */
const QUIET_MS = 10 * 60_000;

/** Tells of a trouble that may come every few seconds at most once in ten minutes, with how often it came meanwhile. */
export class ThrottledLogger {
  readonly #logger: Logger;
  readonly #message: string;
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(logger: Logger, message: string, now = () => performance.now()) {
    this.#logger = logger;
    this.#message = message;
    this.#now = now;
  }

  warn(fields: object): void {
    if (this.#now() - this.#toldAt < QUIET_MS) {
      this.#untold++;
      return;
    }
    this.#logger.warn(this.#message, { ...fields, ...(this.#untold > 0 && { alsoSinceTheLastTime: this.#untold }) });
    this.#toldAt = this.#now();
    this.#untold = 0;
  }
}
