/** What a thread did between two turns of its event loop. */
export interface CpuStretches {
  /** CPU time of the longest stretch, milliseconds. */
  maxMs: number;
  /** 99 of 100 stretches were no longer, milliseconds. */
  p99Ms: number;
  /** How many there were. */
  count: number;
}

/**
 * Measures how long this thread works without giving its event loop a turn, in CPU time: unlike the wall clock, it does
 * not count what other processes of a loaded machine take.
 *
 * A timer of 1 ms marks the turns, so a stretch may be counted with a millisecond of its neighbour.
 * @returns a function that ends the measurement
 */
export function measureCpuStretches(): () => CpuStretches {
  const stretches: number[] = [];
  let before = process.threadCpuUsage();
  const mark = () => {
    const { user, system } = process.threadCpuUsage(before);
    stretches.push((user + system) / 1000);
    before = process.threadCpuUsage();
  };
  const timer = setInterval(mark, 1);
  return () => {
    clearInterval(timer);
    mark();
    const sorted = stretches.toSorted((a, b) => a - b);
    return {
      maxMs: sorted.at(-1) ?? 0,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      count: sorted.length,
    };
  };
}

/** Uses the CPU for so many milliseconds of CPU time. */
export function burnCpu(ms: number): void {
  const before = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(before);
    if ((user + system) / 1000 >= ms) return;
  }
}
