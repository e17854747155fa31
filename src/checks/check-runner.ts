import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import type { ApiClient } from '../../operator/index.ts';
import { attemptName, type CheckAttempt } from '../../resources/index.ts';
import type { AttemptResult, AttemptResults } from '../blue-green/observed.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import { queryRoute } from '../prometheus/query-prometheus.ts';
import { NamespaceTurns, TURNS_OF_NAMESPACE } from '../services/namespace-turns.ts';
import { type ServiceRoute, serviceRoute } from '../services/service-route.ts';
import type { CheckOptions } from './check-options.ts';
import { httpCheck, proxiedHttpCheck } from './http-check.ts';
import { prometheusCheck } from './prometheus-check.ts';

/** From one request to a component to the next while there is no answer, in milliseconds. */
const RETRY_MS = 1_000;
/** From one query of Prometheus to the next while there is no answer, in milliseconds: it knows no more before its next scrape. */
const QUERY_RETRY_MS = 5_000;

/** After so long a request that waits for its turn is reported, in milliseconds. */
const WAITS_MS = 1_000;

const WAITS: AttemptResult = {
  ok: false,
  unknown: true,
  message: `waits for its turn: ${TURNS_OF_NAMESPACE} requests of this namespace run at a time, and fewer while many others do`,
};
const NOT_SENT: AttemptResult = {
  ok: false,
  unknown: true,
  final: true,
  message: 'not sent, as the operator has no route to Services, such as those of simulated pods',
};

interface Running {
  /** The last one; undefined: none yet. */
  result?: AttemptResult;
  /** Ends the attempt when it is no longer wanted. */
  readonly end: AbortController;
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
  readonly #turns = new NamespaceTurns();
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
   * Starts the attempts of a RestAPI that do not run yet, and ends all others, also in the midst of a request.
   * @param client of the API server through which Services are reached from outside the cluster
   * @param onResult called when an attempt finishes, or has a first or another reason why there is no answer
   */
  run(uid: string, attempts: readonly CheckAttempt[], client: ApiClient, onResult: () => void): void {
    const before = this.#attempts.get(uid) ?? new Map<string, Running>();
    const now = new Map<string, Running>();
    for (const attempt of attempts) {
      const name = attemptName(attempt);
      const known = before.get(name);
      const running = known ?? { end: new AbortController() };
      now.set(name, running);
      if (!known) void this.#repeat(attempt, running, client, onResult);
    }
    for (const [name, { end }] of before) if (!now.has(name)) end.abort();
    if (now.size > 0) this.#attempts.set(uid, now);
    else this.#attempts.delete(uid);
  }

  /** Makes an attempt, again and again while there is no answer. Never rejects. */
  async #repeat(attempt: CheckAttempt, running: Running, client: ApiClient, onResult: () => void): Promise<void> {
    const { signal } = running.end;
    const report = (result: AttemptResult, isLast: boolean) => {
      const isNews = isLast || result.message !== running.result?.message;
      running.result = result;
      if (isNews) onResult();
    };
    try {
      for (;;) {
        const work = () => this.#ask(attempt, client, signal);
        const result = await this.#inTurn(attempt, signal, () => report(WAITS, false), work);
        signal.throwIfAborted();
        const isLast = !result.unknown || result.final === true;
        report(result, isLast);
        if (isLast) return;
        const pauseMs = attempt.check.prometheus ? QUERY_RETRY_MS : RETRY_MS;
        await sleep(pauseMs, undefined, { ref: false, signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Does the work in a turn of the namespace. @param onWait called once if the wait for it takes a while */
  #inTurn<T>(
    { environment }: CheckAttempt,
    signal: AbortSignal,
    onWait: () => void,
    work: () => Promise<T>,
  ): Promise<T> {
    const { namespace = '' } = environment.api.metadata;
    const timer = setTimeout(onWait, WAITS_MS);
    const begin = () => {
      clearTimeout(timer);
      return work();
    };
    return this.#turns.run(namespace, signal, begin).finally(() => clearTimeout(timer));
  }

  /** A failure is a result. */
  #ask(attempt: CheckAttempt, client: ApiClient, signal: AbortSignal): Promise<AttemptResult> {
    const route = this.#route ?? serviceRoute(client.serverUrl);
    if (attempt.check.prometheus) {
      return prometheusCheck(
        attempt,
        this.#prometheus,
        queryRoute(this.#prometheus, route, this.#direct, client),
        signal,
      );
    }
    if (route === 'none') return Promise.resolve(NOT_SENT);
    return route === 'network' ? httpCheck(attempt, this.#services, signal) : proxiedHttpCheck(attempt, client, signal);
  }
}
