// What the pods of a component should have, from what they use, and how they get it. Without I/O.

export { historyOf, historyText } from './history-text.ts';
export {
  type Allowed,
  ANY,
  type Estimate,
  RESOURCES,
  type Recommendation,
  type Recommended,
  recommendation,
  type VerticalResource,
} from './recommendation.ts';
export type { Refusal, ResizablePod } from './resizable-pod.ts';
export type { ContainerAmounts } from './resized.ts';
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
  type PodResize,
  type VerticalMode,
  type VerticalSituation,
  type VerticalStep,
  verticalStep,
} from './vertical-step.ts';
