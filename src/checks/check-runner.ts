import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import { type ApiClient, Semaphore } from '../../operator/index.ts';
import { attemptName, type CheckAttempt } from '../../resources/index.ts';
import type { AttemptResult, AttemptResults } from '../blue-green/observed.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import { queryRoute } from '../prometheus/query-prometheus.ts';
import { type ServiceRoute, serviceRoute } from '../services/service-route.ts';
import type { CheckOptions } from './check-options.ts';
import { httpCheck, proxiedHttpCheck } from './http-check.ts';
import { prometheusCheck } from './prometheus-check.ts';

/** Requests of all RestAPIs that may run at once. The others wait; their timeout starts when they do. */
export const REQUESTS_AT_ONCE = 32;
/** From one request to a component to the next while there is no answer, in milliseconds. */
const RETRY_MS = 1_000;
/** From one query of Prometheus to the next while there is no answer, in milliseconds: it knows no more before its next scrape. */
const QUERY_RETRY_MS = 5_000;

const NOT_SENT: AttemptResult = {
  ok: false,
  unknown: true,
  final: true,
  message: 'not sent, as the operator has no route to Services, such as those of simulated pods',
};

interface Running {
  /** The last one; undefined: none yet. */
  result?: AttemptResult;
}

/**
 * Makes the attempts of checks that are requests, outside the work queue. Keeps results until the status has them; if the
 * process ends before, the attempt is made again.
 */
export class CheckRunner {
  readonly #prometheus: URL | undefined;
  readonly #direct: Dispatcher;
  readonly #services: Dispatcher;
  readonly #route: ServiceRoute | undefined;
  readonly #turns = new Semaphore(REQUESTS_AT_ONCE);
  /** By uid of the RestAPI and name of the attempt. */
  readonly #attempts = new Map<string, Map<string, Running>>();

  /** @throws Error if the Prometheus URL is invalid */
  constructor({ prometheusUrl, dispatcher, route }: CheckOptions = {}) {
    this.#prometheus = prometheusUrl === undefined ? undefined : parsePrometheusUrl(prometheusUrl);
    // No keep-alive: after a switch a kept connection would still lead to the old pod.
    this.#direct = new Agent({ pipelining: 0 });
    this.#services = dispatcher ?? this.#direct;
    this.#route = route ?? (dispatcher && 'network');
  }

  /** Results of the attempts of a RestAPI that finished or have no answer yet. */
  results(uid: string): AttemptResults {
    const entries = [...(this.#attempts.get(uid) ?? [])];
    return Object.fromEntries(entries.flatMap(([name, { result }]) => (result ? [[name, result]] : [])));
  }

  /**
   * Starts the attempts of a RestAPI that do not run yet, and forgets all others.
   * @param client of the API server through which Services are reached from outside the cluster
   * @param onResult called when an attempt finishes, or has a first or another reason why there is no answer
   */
  run(uid: string, attempts: readonly CheckAttempt[], client: ApiClient, onResult: () => void): void {
    if (attempts.length === 0) {
      this.#attempts.delete(uid);
      return;
    }
    const before = this.#attempts.get(uid);
    const now = new Map<string, Running>();
    this.#attempts.set(uid, now);
    for (const attempt of attempts) {
      const name = attemptName(attempt);
      const known = before?.get(name);
      const running = known ?? {};
      now.set(name, running);
      if (known) continue;
      // It may be obsolete when its turn comes, or when it finishes.
      const isWanted = () => this.#attempts.get(uid)?.get(name) === running;
      void this.#repeat(attempt, running, isWanted, client, onResult);
    }
  }

  /** Makes an attempt, again and again while there is no answer. */
  async #repeat(
    attempt: CheckAttempt,
    running: Running,
    isWanted: () => boolean,
    client: ApiClient,
    onResult: () => void,
  ): Promise<void> {
    while (isWanted()) {
      await this.#turns.acquire();
      const result = isWanted() ? await this.#try(attempt, client) : undefined;
      this.#turns.release();
      if (!result || !isWanted()) return;
      const goesOn = result.unknown && !result.final;
      const news = result.message !== running.result?.message || !goesOn;
      running.result = result;
      if (news) onResult();
      if (!goesOn) return;
      await sleep(attempt.check.prometheus ? QUERY_RETRY_MS : RETRY_MS, undefined, { ref: false });
    }
  }

  /** Never rejects: a failure is a result. */
  #try(attempt: CheckAttempt, client: ApiClient): Promise<AttemptResult> {
    const route = this.#route ?? serviceRoute(client.serverUrl);
    if (attempt.check.prometheus) {
      return prometheusCheck(attempt, this.#prometheus, queryRoute(this.#prometheus, route, this.#direct, client));
    }
    if (route === 'none') return Promise.resolve(NOT_SENT);
    return route === 'network' ? httpCheck(attempt, this.#services) : proxiedHttpCheck(attempt, client);
  }
}
