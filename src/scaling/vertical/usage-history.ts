import { CPU_BUCKETS, EMPTY, type Histogram, MEMORY_BUCKETS, scaled, withSamples } from './histogram.ts';

/*
 * The usage of a component, collected as by the Vertical Pod Autoscaler 1.8: pkg/recommender/model/container.go,
 * aggregate_container_state.go and aggregations_config.go of github.com/kubernetes/autoscaler. Differences:
 * - memory has one peak a day for each component instead of each pod: the history stays small, and pods of one component are
 *   alike;
 * - only time with readings counts as observed, not all time from the first to the last.
 */

/** Half-life of the weight of a sample, in ms. */
export const HALF_LIFE_MS = 24 * 3_600_000;

/** For memory the peak of each such interval counts, in ms: a pod is killed at its peak. */
export const PEAK_INTERVAL_MS = 24 * 3_600_000;

/** A longer gap between two readings does not count as observed, in ms. */
const MAX_GAP_MS = 15 * 60_000;

/** A pod killed for lack of memory would have needed this many times as much, */
const OOM_RATIO = 1.2;
/** and at least this many bytes more. */
const OOM_BYTES = 100 * 1024 ** 2;

/** The usage of one component. Immutable. Times in ms since 1970. */
export interface UsageHistory {
  /** Time of the last reading; weights are as of then. */
  at: number;
  /** How long it has been observed, in ms. */
  observedMs: number;
  /** Cores, one sample for each pod and reading. */
  cpu: Histogram;
  /** Bytes, one sample for each finished peak interval. */
  memoryPeaks: Histogram;
  /** When the present peak interval ends. */
  peakUntil: number;
  /** Bytes: the highest use of the present interval, and the most that a pod would have needed not to be killed. */
  peak: number;
  oomPeak: number;
}

/** Usage of a pod: cores and bytes. */
export interface PodUse {
  cpu: number;
  memory: number;
}

/** Nothing is known. */
export const NO_HISTORY: UsageHistory = {
  at: 0,
  observedMs: 0,
  cpu: EMPTY,
  memoryPeaks: EMPTY,
  peakUntil: 0,
  peak: 0,
  oomPeak: 0,
};

/**
 * Adds one reading of the component's pods. A reading that is not newer changes nothing (the clock was set back, or the
 * same measurement came again), nor do amounts that are not numbers.
 *
 * @param at when they were measured, in ms since 1970
 */
export function observed(history: UsageHistory, at: number, pods: readonly PodUse[]): UsageHistory {
  const valid = pods.filter(({ cpu, memory }) => isAmount(cpu) && isAmount(memory));
  if (valid.length === 0 || !(at > history.at)) return history;
  const gap = history.at === 0 ? 0 : at - history.at;
  const { cpu, observedMs, ...rest } = moved(history, at);
  const amounts = valid.map((pod) => pod.cpu);
  return {
    ...rest,
    observedMs: observedMs + (gap <= MAX_GAP_MS ? gap : 0),
    cpu: withSamples(cpu, CPU_BUCKETS, amounts, 1),
    peak: Math.max(rest.peak, ...valid.map(({ memory }) => memory)),
  };
}

/**
 * Adds a pod that was killed for lack of memory. What it would have needed is an estimate; another kill with the same limit
 * does not raise it.
 *
 * @param at when, in ms since 1970
 * @param had its limit in bytes or, without one, its request
 */
export function killed(history: UsageHistory, at: number, had: number): UsageHistory {
  if (!isAmount(had) || !(at > 0) || at < history.peakUntil - PEAK_INTERVAL_MS) return history;
  const present = moved(history, Math.max(at, history.at));
  // Not the last estimate: several pods killed at the same limit would raise it step by step.
  const used = Math.max(had, present.peak);
  return { ...present, oomPeak: Math.max(present.oomPeak, used * OOM_RATIO, used + OOM_BYTES) };
}

/** All memory peaks, the present one included, which weighs as much as it will at the end of its interval. */
export function allPeaks(history: UsageHistory): Histogram {
  const peak = Math.max(history.peak, history.oomPeak);
  if (peak === 0) return history.memoryPeaks;
  return withSamples(history.memoryPeaks, MEMORY_BUCKETS, [peak], growth(history.peakUntil - history.at));
}

/** Moves the history to a later time. */
function moved(history: UsageHistory, at: number): UsageHistory {
  const isOver = at >= history.peakUntil;
  const factor = 1 / growth(at - history.at);
  const passed = Math.floor((at - history.peakUntil) / PEAK_INTERVAL_MS) + 1;
  const peakUntil = history.at === 0 ? at + PEAK_INTERVAL_MS : history.peakUntil + passed * PEAK_INTERVAL_MS;
  const cpu = scaled(history.cpu, factor);
  return {
    ...history,
    at,
    cpu,
    // A forgotten history does not count as observed.
    observedMs: cpu.size === 0 ? 0 : history.observedMs,
    memoryPeaks: scaled(isOver ? allPeaks(history) : history.memoryPeaks, factor),
    ...(isOver && { peakUntil, peak: 0, oomPeak: 0 }),
  };
}

/** How much more a sample weighs than one that is this much older. */
function growth(ms: number): number {
  return 2 ** (ms / HALF_LIFE_MS);
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
