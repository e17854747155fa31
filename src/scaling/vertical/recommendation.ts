import type { VerticalResource } from '../../../resources/model/resized.ts';
import { CPU_BUCKETS, MEMORY_BUCKETS, percentile } from './histogram.ts';
import { allPeaks, type UsageHistory } from './usage-history.ts';

/*
 * Recommends the resources of a component's pods by the rules and constants of the Vertical Pod Autoscaler 1.8:
 * pkg/recommender/logic/recommender.go and estimator.go of github.com/kubernetes/autoscaler, flags by default.
 * test/src/scaling/vertical-reference.json has the results of its own code, which a test compares.
 */

const DAY_MS = 24 * 3_600_000;
const TARGET = 0.9;
const LOWER = 0.5;
const UPPER = 0.95;

/** Safety margin on top of the usage. */
const MARGIN = 0.15;

/** Amounts: CPU in cores, memory in bytes. */
export type Estimate = Record<VerticalResource, number>;

/** Bounds of a recommendation. */
export interface Allowed {
  min: number;
  max: number;
}

/** Default bounds. The VPA's minimum for memory, 250 MiB, is more than many components use. */
export const ANY: Record<VerticalResource, Allowed> = {
  cpu: { min: 0.025, max: Number.POSITIVE_INFINITY },
  memory: { min: 32 * 1024 ** 2, max: Number.POSITIVE_INFINITY },
};

/** The recommendation for one resource. */
export interface Recommended {
  target: number;
  /** Below `lower` is too little, above `upper` wasteful. The less is known, the further apart they are. */
  lower: number;
  upper: number;
}

export interface Recommendation extends Record<VerticalResource, Recommended> {
  /** For how many days the component has been observed. */
  days: number;
}

/**
 * Recommends the resources of the pods of a component: the estimate, and for memory at least what pods killed in the
 * present peak interval would have needed (VPA's updater applies the estimate at once instead). Undefined if nothing is
 * known. Amounts are rounded up to round numbers, so that they do not change with every reading, and are within bounds.
 */
export function recommendation(
  history: UsageHistory,
  allowed: Record<VerticalResource, Allowed> = ANY,
): Recommendation | undefined {
  const estimates = estimate(history);
  if (!estimates) return undefined;
  const of = (resource: VerticalResource): Recommended => {
    const { min, max } = allowed[resource];
    // Validation refuses contradicting bounds; here the maximum would win.
    const within = (amount: number) => Math.min(max, Math.max(min, rounded(resource, amount)));
    // Memory that pods were killed for is not a rare peak: without it they are killed again.
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

/** Rounds up by at most 5 % to a round number: 145m, 1450m; 132Mi, 1088Mi. At least 1m and 1Mi. */
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

/** The next multiple, ignoring rounding errors. */
function upTo(amount: number, step: number): number {
  return Math.max(1, Math.ceil(amount / step - 1e-6)) * step;
}
