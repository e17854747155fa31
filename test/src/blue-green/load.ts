import { setImmediate } from 'node:timers/promises';
import { type Hop, isCrossed } from './chain.ts';

/** What became of a number of requests. */
export interface LoadResult {
  requests: number;
  /** Not answered, or not by the components that should have. */
  failed: number;
  /** Answered by pods of more than one environment or version. */
  crossed: number;
  /** How many were answered well by each environment. */
  answeredBy: Record<string, number>;
  /** Why requests failed, and how often. */
  failures: Record<string, number>;
}

/**
 * Sends requests, always as many at once.
 *
 * @param send sends one. @returns who answered
 * @param components who should
 * @param requests how many at least
 * @param during goes on until this has come to an end, well or not
 */
export async function load(
  send: () => Promise<Hop[]>,
  components: readonly string[],
  requests: number,
  concurrency: number,
  during?: Promise<unknown>,
): Promise<LoadResult> {
  const result: LoadResult = { requests: 0, failed: 0, crossed: 0, answeredBy: {}, failures: {} };
  let busy = during !== undefined;
  const idle = () => {
    busy = false;
  };
  during?.then(idle, idle);
  const worker = async () => {
    while (result.requests < requests || busy) {
      result.requests++;
      try {
        count(result, await send(), components);
      } catch (error) {
        fail(result, (error as Error).message);
        // A refusal costs no time: without a pause nothing else would get its turn, such as what ends the refusals.
        await setImmediate();
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return result;
}

function count(result: LoadResult, hops: Hop[], components: readonly string[]): void {
  const answered = hops.map(({ component }) => component).join(', ');
  const environment = hops[0]?.environment ?? '';
  if (answered !== components.join(', ')) fail(result, `answered by ${answered}`);
  else if (isCrossed(hops)) result.crossed++;
  else result.answeredBy[environment] = (result.answeredBy[environment] ?? 0) + 1;
}

function fail(result: LoadResult, message: string): void {
  result.failed++;
  result.failures[message] = (result.failures[message] ?? 0) + 1;
}
