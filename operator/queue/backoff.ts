/** Delay in milliseconds before try number `failures` (1 = after the first failure): doubling, capped, up to a fifth less by chance so that keys that failed together do not come back together. */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: () => number = Math.random): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return full * (1 - 0.2 * random());
}
