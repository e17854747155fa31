// Recommends the resources of pods by their usage, and plans how to apply them. No I/O.

export { historyOf, historyText } from './history-text.ts';
export {
  type Allowed,
  ANY,
  type Estimate,
  type Recommendation,
  type Recommended,
  recommendation,
} from './recommendation.ts';
export type { Refusal, ResizablePod } from './resizable-pod.ts';
export {
  HALF_LIFE_MS,
  killed,
  NO_HISTORY,
  observed,
  PEAK_INTERVAL_MS,
  type PodUse,
  type UsageHistory,
} from './usage-history.ts';
export {
  amountsOf,
  type PodResize,
  type VerticalMode,
  type VerticalSituation,
  type VerticalStep,
  verticalStep,
} from './vertical-step.ts';
