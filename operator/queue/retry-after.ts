/** Longest Retry-After that is honoured, in milliseconds: a wrong header must not delay a key for days. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/**
 * Returns the Retry-After of a failed run, in milliseconds, 5 minutes at most: the largest `retryAfterSeconds` of an error, its
 * causes, and the errors of an AggregateError. Undefined if there is none.
 */
export function retryAfterMs(error: unknown): number | undefined {
  const seen = new Set<unknown>();
  let longest: number | undefined;
  const visit = (one: unknown): void => {
    if (typeof one !== 'object' || one === null || seen.has(one)) return;
    seen.add(one);
    const { retryAfterSeconds, cause, errors } = one as {
      retryAfterSeconds?: unknown;
      cause?: unknown;
      errors?: unknown;
    };
    if (typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0) {
      longest = Math.max(longest ?? 0, retryAfterSeconds * 1000);
    }
    visit(cause);
    if (Array.isArray(errors)) for (const inner of errors) visit(inner);
  };
  visit(error);
  return longest === undefined ? undefined : Math.min(longest, LONGEST_RETRY_AFTER_MS);
}

/**
 * Returns the minimum delay for a Retry-After, in milliseconds; 0 without one. Up to a fifth later at random, so that keys that
 * failed together do not come back together.
 */
export function notBefore(requestedMs: number | undefined, random: () => number = Math.random): number {
  return (requestedMs ?? 0) * (1 + 0.2 * random());
}
