import type { VerticalResource } from '../../../resources/model/resized.ts';
import { CPU_BUCKETS, MEMORY_BUCKETS, percentile } from './histogram.ts';
import { allPeaks, type UsageHistory } from './usage-history.ts';

/*
 * How much each pod of a component should have, by the rules and constants of the Vertical Pod Autoscaler 1.8:
 * pkg/recommender/logic/recommender.go and estimator.go of github.com/kubernetes/autoscaler, flags by default.
 * test/scaling/vertical-reference.json has what its own code says, which ours is compared with.
 */

const DAY_MS = 24 * 3_600_000;
const TARGET = 0.9;
const LOWER = 0.5;
const UPPER = 0.95;

/** So much more than was used is recommended. */
const MARGIN = 0.15;

/** Amounts: CPU in cores, memory in bytes. */
export type Estimate = Record<VerticalResource, number>;

/** The least and the most that may be recommended of a resource. */
export interface Allowed {
  min: number;
  max: number;
}

/** Bounds for one who has none of its own. For memory VPA has 250 MiB, more than many a component uses. */
export const ANY: Record<VerticalResource, Allowed> = {
  cpu: { min: 0.025, max: Number.POSITIVE_INFINITY },
  memory: { min: 32 * 1024 ** 2, max: Number.POSITIVE_INFINITY },
};

/** What a pod should have of one resource. */
export interface Recommended {
  target: number;
  /** Less than this is too little, more than `upper` a waste. The less is known, the further they are apart. */
  lower: number;
  upper: number;
}

export interface Recommendation extends Record<VerticalResource, Recommended> {
  /** For how many days the component has been observed. */
  days: number;
}

/**
 * What the pods of a component should have: what is estimated, and of memory no less than what those killed in the present
 * peak interval would have needed (VPA's updater gives them what is estimated at once instead). Undefined if nothing is
 * known. Amounts are rounded up to such as people write, so that they do not change with every look, and are within what
 * is allowed.
 */
export function recommendation(
  history: UsageHistory,
  allowed: Record<VerticalResource, Allowed> = ANY,
): Recommendation | undefined {
  const estimates = estimate(history);
  if (!estimates) return undefined;
  const of = (resource: VerticalResource): Recommended => {
    const { min, max } = allowed[resource];
    // Bounds that exclude each other are refused with the spec; should they come here, the most counts.
    const within = (amount: number) => Math.min(max, Math.max(min, rounded(resource, amount)));
    // What pods were killed for the lack of is not what some of them seldom need: without it they are killed again.
    const needed = resource === 'memory' ? history.oomPeak : 0;
    const [target, lower, upper] = [estimates.target, estimates.lower, estimates.upper].map((one) =>
      within(Math.max(needed, one[resource])),
    ) as [number, number, number];
    return { target, lower: Math.min(lower, target), upper: Math.max(upper, target) };
  };
  return { cpu: of('cpu'), memory: of('memory'), days: history.observedMs / DAY_MS };
}

/** The same without rounding and bounds. */
export function estimate(history: UsageHistory): Record<'target' | 'lower' | 'upper', Estimate> | undefined {
  const peaks = allPeaks(history);
  if (history.cpu.size === 0 || peaks.size === 0) return undefined;
  const days = history.observedMs / DAY_MS;
  const at = (share: number, factor: number): Estimate => ({
    cpu: percentile(history.cpu, CPU_BUCKETS, share) * (1 + MARGIN) * factor,
    memory: percentile(peaks, MEMORY_BUCKETS, share) * (1 + MARGIN) * factor,
  });
  return {
    target: at(TARGET, 1),
    // Nothing: 0. Half an hour: 0.9. An hour: 0.95.
    lower: at(LOWER, (1 + 0.001 / days) ** -2),
    // Nothing: any amount. 12 hours: 3 times as much. A day: 2. A week: 1.14.
    upper: at(UPPER, 1 + 1 / days),
  };
}

/** Rounded up by 5 % at most to what a person would write: 145m, 1450m; 132Mi, 1088Mi. No less than 1m and 1Mi. */
function rounded(resource: VerticalResource, amount: number): number {
  if (!Number.isFinite(amount)) return amount;
  if (resource === 'memory') {
    const unit = 1024 ** 2;
    const step = Math.max(1, 2 ** (Math.floor(Math.log2(Math.max(1, amount / unit))) - 5));
    return upTo(amount / unit, step) * unit;
  }
  const milli = amount * 1_000;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, milli / 20)));
  const step = [5, 2, 1].map((digit) => digit * power).find((one) => one <= milli / 20) ?? 1;
  return upTo(milli, step) / 1_000;
}

/** The next multiple, but not for what is only an error of counting. */
function upTo(amount: number, step: number): number {
  return Math.max(1, Math.ceil(amount / step - 1e-6)) * step;
}
