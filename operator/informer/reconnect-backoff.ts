/**
 * Pauses between attempts to keep a watch open: doubling from the first to the longest, drawn from the upper half of each
 * (jitter, so that informers that lost their server together do not come back together).
 */
export class ReconnectBackoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor([minMs, maxMs]: readonly [number, number], random: () => number = Math.random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** The stream was healthy: the next failure is a first one. */
  reset(): void {
    this.#failures = 0;
  }

  /**
   * The pause after one more failure, milliseconds.
   *
   * @param expected for what belongs to normal life (a resourceVersion that has expired): at once the first time, but
   *   counted, so that it cannot become a busy loop.
   */
  next(expected = false): number {
    this.#failures += 1;
    if (expected && this.#failures === 1) return 0;
    const ceiling = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures - 1, 30));
    return ceiling * (0.5 + this.#random() / 2);
  }
}
