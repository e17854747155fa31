/** Which buckets a histogram has: the first is `first` wide, each next one 5 % wider, the last begins at `max` or above. */
export interface Buckets {
  first: number;
  count: number;
}

/** Each bucket is wider than the one before by this, so results are exact to 5 %. */
const GROWTH = 1.05;

/** Smaller weights are dropped: the rest of one sample after 13 half-lives. */
const EPSILON = 1e-4;

/** Tolerance for the rounding of sums, so that a share that is met is not missed. */
const ROUNDING = 1e-9;

function buckets(first: number, max: number): Buckets {
  return { first, count: Math.ceil(Math.log((max * (GROWTH - 1)) / first + 1) / Math.log(GROWTH)) + 1 };
}

/** CPU in cores, 0.01 to 1,000. */
export const CPU_BUCKETS = buckets(0.01, 1_000);

/** Memory in bytes, 10 MB to 1 TB. */
export const MEMORY_BUCKETS = buckets(1e7, 1e12);

/**
 * Weight by number of bucket, of buckets that have any. The buckets are those of the
 * Vertical Pod Autoscaler 1.8 (pkg/recommender/util/histogram_options.go, model/aggregations_config.go), and so is what
 * is read from them. Not changed in place.
 */
export type Histogram = ReadonlyMap<number, number>;

export const EMPTY: Histogram = new Map();

/** The number of the bucket an amount falls into. */
export function bucketOf({ first, count }: Buckets, amount: number): number {
  if (!(amount >= first)) return 0;
  return Math.min(count - 1, Math.floor(Math.log((amount * (GROWTH - 1)) / first + 1) / Math.log(GROWTH)));
}

/** Where a bucket begins. */
export function startOf({ first }: Buckets, bucket: number): number {
  return bucket === 0 ? 0 : (first * (GROWTH ** bucket - 1)) / (GROWTH - 1);
}

/** Adds samples of a weight. */
export function withSamples(histogram: Histogram, of: Buckets, amounts: readonly number[], weight: number): Histogram {
  const result = new Map(histogram);
  for (const amount of amounts) {
    const bucket = bucketOf(of, amount);
    result.set(bucket, (result.get(bucket) ?? 0) + weight);
  }
  return result;
}

/** Multiplies all weights and drops negligible ones. */
export function scaled(histogram: Histogram, factor: number): Histogram {
  const weights = [...histogram].map(([bucket, weight]) => [bucket, weight * factor] as const);
  return new Map(weights.filter(([, weight]) => weight >= EPSILON));
}

/** The amount that this share of the weight does not exceed: the end of a bucket. 0 for an empty histogram. */
export function percentile(histogram: Histogram, of: Buckets, share: number): number {
  const sorted = [...histogram].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let sum = 0;
  for (const [bucket, weight] of sorted) {
    sum += weight;
    // The last bucket has no end.
    if (sum >= share * total * (1 - ROUNDING)) return startOf(of, Math.min(bucket + 1, of.count - 1));
  }
  return 0;
}
