import { setLongTimeout } from './long-timeout.ts';

/**
 * Waits for a promise until a deadline.
 *
 * @param deadlineMs a finite number, milliseconds
 * @returns whether the promise resolved before the deadline
 * @throws what the promise rejects with
 */
export async function within(promise: Promise<unknown>, deadlineMs: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setLongTimeout(() => late.resolve(false), deadlineMs);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    timer.clear();
  }
}
