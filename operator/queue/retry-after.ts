/** Longest time that a server may ask to wait, in milliseconds: a mistaken header must not put a key aside for days. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/**
 * How long a failed run was asked to wait before it tries again, in milliseconds, 5 minutes at most: the largest
 * `retryAfterSeconds` of an error, its causes, and the errors of an AggregateError.
 * @returns undefined if nothing asks for it
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
 * The least delay before the next try of a key whose run was asked to wait, in milliseconds; 0 if it was not. Never earlier
 * than asked, and by chance up to a fifth later, so that keys that failed together do not come back together.
 */
export function notBefore(askedMs: number | undefined, random: () => number = Math.random): number {
  return (askedMs ?? 0) * (1 + 0.2 * random());
}
