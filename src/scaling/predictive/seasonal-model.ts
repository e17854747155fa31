/** How fast a {@link SeasonalModel} learns, each from 0 (never) to 1 (only the last value counts). */
export interface Smoothing {
  /** Of the level. */
  alpha: number;
  /** Of the trend. */
  beta?: number;
  /** Of the shorter season. */
  gamma: number;
  /** Of the longer season. */
  omega: number;
  /** Share of an error that remains one step later. */
  phi: number;
}

/** Initial state of a {@link SeasonalModel}. */
export interface Start {
  level: number;
  /** Change of the level in one step. */
  trend?: number;
  /** Factors, one per step of the shorter season; mean 1. */
  short: ArrayLike<number>;
  /** Factors, one per step of the longer season, on top of the shorter. None if there is one season only. */
  long?: ArrayLike<number>;
  /**
   * How many values each factor is the mean of. The next value then counts as one of them: it changes the factor by
   * 1/(n+1), or by gamma or omega if that is more. Without it, as published: gamma and omega from the start.
   */
  seen?: { short: ArrayLike<number>; long?: ArrayLike<number> };
}

/**
 * Holt-Winters' seasonal exponential smoothing, multiplicative, with two seasons and the adjustment for autocorrelated
 * errors: J. W. Taylor, "Short-term electricity demand forecasting using double seasonal exponential smoothing", Journal
 * of the Operational Research Society 54 (2003), 799–805. The same recursions as `dshw` of R's package forecast, and
 * with one season and phi 0 as `HoltWinters(seasonal = "multiplicative")` of R.
 *
 * Values must be above 0. Steps are numbered, so that the position in a season is known across gaps.
 */
export class SeasonalModel {
  readonly #smoothing: Required<Smoothing>;
  readonly #short: Float64Array;
  readonly #long: Float64Array;
  readonly #shortSeen: Float64Array;
  readonly #longSeen: Float64Array;
  #level: number;
  #trend: number;
  #error = 0;
  /** Share of an error that remains, by steps ahead. */
  readonly #left: number[] = [];

  constructor(smoothing: Smoothing, { level, trend = 0, short, long = [1], seen }: Start) {
    this.#smoothing = { beta: 0, ...smoothing };
    this.#level = level;
    this.#trend = trend;
    this.#short = Float64Array.from(short);
    this.#long = Float64Array.from(long);
    const always = (length: number) => new Float64Array(length).fill(Number.POSITIVE_INFINITY);
    this.#shortSeen = seen ? Float64Array.from(seen.short) : always(short.length);
    this.#longSeen = seen?.long ? Float64Array.from(seen.long) : always(long.length);
  }

  /**
   * Forecasts a value from a step that was learned or skipped.
   *
   * @param from number of that step
   * @param ahead steps after it, 1 or more
   */
  forecast(from: number, ahead: number): number {
    this.#left[ahead] ??= this.#smoothing.phi ** ahead;
    const step = from + ahead;
    return (this.#level + ahead * this.#trend) * this.#factor(step) + this.#left[ahead] * this.#error;
  }

  /** Learns the value of the next step. */
  learn(step: number, value: number): void {
    const { alpha, beta, gamma, omega } = this.#smoothing;
    const [s, l] = [step % this.#short.length, step % this.#long.length];
    const [short, long] = [this.#short[s] as number, this.#long[l] as number];
    const expected = this.#level + this.#trend;
    this.#error = value - expected * short * long;
    const level = alpha * (value / (short * long)) + (1 - alpha) * expected;
    this.#trend = beta * (level - this.#level) + (1 - beta) * this.#trend;
    this.#level = level;
    const toShort = gain(this.#shortSeen, s, gamma);
    this.#short[s] = toShort * (value / (level * long)) + (1 - toShort) * short;
    if (this.#long.length === 1) return;
    const toLong = gain(this.#longSeen, l, omega);
    this.#long[l] = toLong * (value / (level * short)) + (1 - toLong) * long;
  }

  /** Skips the next step, whose value is not known. */
  skip(): void {
    this.#level += this.#trend;
    this.#error *= this.#smoothing.phi;
  }

  #factor(step: number): number {
    return (
      (this.#short[step % this.#short.length] as number) *
      (this.#long.length > 1 ? (this.#long[step % this.#long.length] as number) : 1)
    );
  }
}

function gain(seen: Float64Array, at: number, smoothing: number): number {
  const count = (seen[at] as number) + 1;
  seen[at] = count;
  return Math.max(smoothing, 1 / count);
}
