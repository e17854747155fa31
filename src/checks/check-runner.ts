import { Agent, type Dispatcher } from 'undici';
import { Semaphore } from '../../operator/index.ts';
import { attemptName, type CheckAttempt } from '../../resources/index.ts';
import type { Answer, Answers } from '../blue-green/observed.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import type { CheckOptions } from './check-options.ts';
import { httpCheck } from './http-check.ts';
import { prometheusCheck } from './prometheus-check.ts';

/** How many requests may be under way at once, of all RestAPIs. The others wait their turn, and their time runs from then on. */
export const REQUESTS_AT_ONCE = 32;

/**
 * Makes the attempts of checks that are requests, beside the work on the queue. It holds what is under way and what was
 * found until that is written down; if the process ends before, the attempt is made again.
 */
export class CheckRunner {
  readonly #prometheus: URL | undefined;
  readonly #direct: Dispatcher;
  readonly #services: Dispatcher;
  readonly #turns = new Semaphore(REQUESTS_AT_ONCE);
  /** By uid of the RestAPI and name of the attempt; undefined: under way. */
  readonly #attempts = new Map<string, Map<string, Answer | undefined>>();

  /** @throws Error if the URL of Prometheus is none */
  constructor({ prometheusUrl, dispatcher }: CheckOptions = {}) {
    this.#prometheus = prometheusUrl === undefined ? undefined : parsePrometheusUrl(prometheusUrl);
    // No connection is kept: after a switch it would go on to the pod that it was made to.
    this.#direct = new Agent({ pipelining: 0 });
    this.#services = dispatcher ?? this.#direct;
  }

  /** What was found for a RestAPI. */
  answers(uid: string): Answers {
    const found = [...(this.#attempts.get(uid) ?? [])];
    return Object.fromEntries(found.flatMap(([name, answer]) => (answer ? [[name, answer]] : [])));
  }

  /**
   * Begins those of a RestAPI's attempts that were not begun yet, and forgets all others.
   * @param found called whenever one has ended
   */
  run(uid: string, attempts: readonly CheckAttempt[], found: () => void): void {
    if (attempts.length === 0) {
      this.#attempts.delete(uid);
      return;
    }
    const before = this.#attempts.get(uid);
    const now = new Map<string, Answer | undefined>();
    this.#attempts.set(uid, now);
    for (const attempt of attempts) {
      const name = attemptName(attempt);
      now.set(name, before?.get(name));
      if (before?.has(name)) continue;
      void this.#inTurn(uid, attempt, found);
    }
  }

  async #inTurn(uid: string, attempt: CheckAttempt, found: () => void): Promise<void> {
    const name = attemptName(attempt);
    const isWanted = () => this.#attempts.get(uid)?.has(name) ?? false;
    await this.#turns.acquire();
    // Nobody may want to know any more when its turn has come, or when it has ended.
    const answer = isWanted() ? await this.#try(attempt) : undefined;
    this.#turns.release();
    if (!answer || !isWanted()) return;
    this.#attempts.get(uid)?.set(name, answer);
    found();
  }

  /** Never fails: what goes wrong is an answer. */
  #try(attempt: CheckAttempt): Promise<Answer> {
    return attempt.check.prometheus
      ? prometheusCheck(attempt, this.#prometheus, this.#direct)
      : httpCheck(attempt, this.#services);
  }
}
