import type { HealingRecord } from '../../resources/index.ts';
import type { StuckPod } from './stuck-pod.ts';

/** An action that helps if nothing holds it. */
export interface Candidate {
  action: HealingRecord['action'];
  stuckPod: StuckPod;
  target: string;
  id?: string;
  /** To wait: crashed containers were restarted, and may start this time. `until`: when that ends, milliseconds. */
  waits?: { until?: number };
}
