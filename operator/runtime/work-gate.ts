import { sleep } from '../async/sleep.ts';
import { errorFields, type Logger } from '../log/logger.ts';

/** How long to wait after a failed preparation, milliseconds. */
const RETRY_MS = 500;

export interface WorkGateOptions {
  /**
   * Verifies that the caches are current. Rejects if that is not certain yet; it is then called again.
   * @param signal aborts when the gate closes in the meantime
   */
  prepare: (signal: AbortSignal) => Promise<void>;
  /** Work may begin. */
  begin: () => void;
  /** No more work may begin. Called only after `begin`. */
  end: () => void;
  logger: Logger;
}

/**
 * Starts work only while it is allowed and the caches are verified as current: after this process became leader, and after the
 * server's history was replaced. A cache that was filled long ago may be out of date.
 */
export class WorkGate {
  readonly #options: WorkGateOptions;
  #attempt: AbortController | undefined;
  #begun = false;

  constructor(options: WorkGateOptions) {
    this.#options = options;
  }

  /** Whether work has begun and not been ended. */
  get isOpen(): boolean {
    return this.#begun;
  }

  /** Whether it is open or about to be. */
  get active(): boolean {
    return this.#attempt !== undefined;
  }

  /** Prepares, then lets work begin. Does nothing while it is open or about to be. */
  open(): void {
    if (this.#attempt) return;
    this.#attempt = new AbortController();
    void this.#prepare(this.#attempt.signal);
  }

  /** Ends work at once, or the preparation for it. */
  close(reason: string): void {
    this.#attempt?.abort(new Error(reason));
    this.#attempt = undefined;
    if (!this.#begun) return;
    this.#begun = false;
    this.#options.end();
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    const { prepare, begin, logger } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await prepare(signal);
      } catch (error) {
        if (signal.aborted) return;
        const fields = { failures: ++failures, ...errorFields(error) };
        if (failures === 1)
          logger.warn('Could not verify that caches are current, retrying before reconciling', fields);
        else logger.debug('Could not verify that caches are current', fields);
        await sleep(RETRY_MS, signal).catch(() => undefined);
        continue;
      }
      if (signal.aborted) return;
      if (failures > 0) logger.info('Caches verified as current', { failures });
      this.#begun = true;
      begin();
      return;
    }
  }
}
