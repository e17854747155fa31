import { LONGEST_TIMER_MS } from '../async/long-timeout.ts';
import { sleep } from '../async/sleep.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isNotFound } from '../transport/api-error.ts';
import { type ProvenCache, takeProof } from './freshness-proof.ts';
import type { Collection } from './peek.ts';

/** A cache that can be proved to be current. */
export interface ProvableCache extends ProvenCache {
  readonly optional: boolean;
  readonly served: boolean;
  readonly current: boolean;
  readonly epoch: number;
  until(condition: () => boolean, deadlineMs: number, signal?: AbortSignal): Promise<boolean>;
}

export interface ProveOptions {
  client: ApiClient;
  collection: Collection;
  cache: ProvableCache;
  /** Reopens a watch that lags behind. */
  abandon: (reason: string) => void;
  /** Deadline of each request, milliseconds. */
  requestTimeoutMs: number;
  deadlineMs: number;
  signals: readonly AbortSignal[];
  logger: Logger;
}

/** How long a watch may lag behind the server before it is reopened, milliseconds. */
const LAG_MS = 1_000;
/** The pause after a failed attempt to ask the server, milliseconds. */
const RETRY_MS = 200;

/** Waits until a cache shows what the server had when this was called, see Informer.proveCurrent(). */
export async function proveCurrent(options: ProveOptions): Promise<boolean> {
  const { client, collection, cache, abandon, requestTimeoutMs, deadlineMs, signals, logger } = options;
  const end = performance.now() + deadlineMs;
  const leftMs = () => end - performance.now();
  const over = AbortSignal.any([
    AbortSignal.timeout(Math.min(Math.max(0, Math.ceil(deadlineMs)), LONGEST_TIMER_MS)),
    ...signals,
  ]);
  while (!over.aborted) {
    if (!(await cache.until(() => cache.current, leftMs(), over))) return false;
    const { epoch } = cache;
    try {
      const timeoutMs = Math.max(1, Math.min(requestTimeoutMs, leftMs()));
      const proof = await takeProof(client, collection, cache, { timeoutMs, signal: over });
      const shown = () => cache.epoch === epoch && proof.shown();
      if (await cache.until(shown, Math.min(LAG_MS, leftMs()), over)) return true;
      if (over.aborted) return false;
      abandon(`the cache does not show ${proof.what}, which the server had ${LAG_MS} ms ago`);
      if (await cache.until(() => shown() || !cache.current, leftMs(), over)) if (shown()) return true;
    } catch (error) {
      if (over.aborted) return false;
      if (cache.optional && !cache.served && isNotFound(error)) return true;
      logger.debug('Could not read the current resourceVersion', errorFields(error));
      await sleep(RETRY_MS, over).catch(() => undefined);
    }
  }
  return false;
}
