import { Agent, type Dispatcher } from 'undici';
import { Semaphore } from '../../operator/index.ts';
import { attemptName, type CheckAttempt } from '../../resources/index.ts';
import type { AttemptResult, AttemptResults } from '../blue-green/observed.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import type { CheckOptions } from './check-options.ts';
import { httpCheck } from './http-check.ts';
import { prometheusCheck } from './prometheus-check.ts';

/** Requests of all RestAPIs that may run at once. The others wait; their timeout starts when they do. */
export const REQUESTS_AT_ONCE = 32;

/**
 * Makes the attempts of checks that are requests, outside the work queue. Keeps results until the status has them; if the
 * process ends before, the attempt is made again.
 */
export class CheckRunner {
  readonly #prometheus: URL | undefined;
  readonly #direct: Dispatcher;
  readonly #services: Dispatcher;
  readonly #turns = new Semaphore(REQUESTS_AT_ONCE);
  /** By uid of the RestAPI and name of the attempt; undefined: running. */
  readonly #attempts = new Map<string, Map<string, AttemptResult | undefined>>();

  /** @throws Error if the Prometheus URL is invalid */
  constructor({ prometheusUrl, dispatcher }: CheckOptions = {}) {
    this.#prometheus = prometheusUrl === undefined ? undefined : parsePrometheusUrl(prometheusUrl);
    // No keep-alive: after a switch a kept connection would still lead to the old pod.
    this.#direct = new Agent({ pipelining: 0 });
    this.#services = dispatcher ?? this.#direct;
  }

  /** Results of the attempts of a RestAPI that finished. */
  results(uid: string): AttemptResults {
    const entries = [...(this.#attempts.get(uid) ?? [])];
    return Object.fromEntries(entries.flatMap(([name, result]) => (result ? [[name, result]] : [])));
  }

  /**
   * Starts the attempts of a RestAPI that do not run yet, and forgets all others.
   * @param onResult called when an attempt finishes
   */
  run(uid: string, attempts: readonly CheckAttempt[], onResult: () => void): void {
    if (attempts.length === 0) {
      this.#attempts.delete(uid);
      return;
    }
    const before = this.#attempts.get(uid);
    const now = new Map<string, AttemptResult | undefined>();
    this.#attempts.set(uid, now);
    for (const attempt of attempts) {
      const name = attemptName(attempt);
      now.set(name, before?.get(name));
      if (before?.has(name)) continue;
      void this.#inTurn(uid, attempt, onResult);
    }
  }

  async #inTurn(uid: string, attempt: CheckAttempt, onResult: () => void): Promise<void> {
    const name = attemptName(attempt);
    const isWanted = () => this.#attempts.get(uid)?.has(name) ?? false;
    await this.#turns.acquire();
    // It may be obsolete when its turn comes, or when it finishes.
    const result = isWanted() ? await this.#try(attempt) : undefined;
    this.#turns.release();
    if (!result || !isWanted()) return;
    this.#attempts.get(uid)?.set(name, result);
    onResult();
  }

  /** Never rejects: a failure is a result. */
  #try(attempt: CheckAttempt): Promise<AttemptResult> {
    return attempt.check.prometheus
      ? prometheusCheck(attempt, this.#prometheus, this.#direct)
      : httpCheck(attempt, this.#services);
  }
}
