import type { HealingRecord } from '../../resources/index.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { HoldReason } from './healing-conditions.ts';

/** Characters of a message in the status, which may have 1,024, before advice is added. */
export const LONGEST_MESSAGE = 1_000;
/** When a hold that depends on other RestAPIs is checked again, milliseconds. */
export const CLUSTER_RETRY_MS = 15_000;

/** The next step of healing. */
export type Healing =
  /** `checkAt`: when time alone may change this, milliseconds since 1970. */
  | { next: 'nothing'; checkAt?: number }
  | Hold
  /** To be recorded in the status first, and executed once it is there. */
  | { next: 'act'; record: HealingRecord };

/** Something is wrong, and healing does not act. */
export interface Hold {
  next: 'hold';
  reason: HoldReason;
  message: string;
  /** When time alone may change this, milliseconds. */
  checkAt?: number;
}

/** What healing considers apart from the pods. */
export interface Circumstances {
  /** Describes the release in progress; undefined: there is none. */
  release?: string;
  /** When traffic last moved to another environment, milliseconds. */
  switchedAt?: number;
  /** The active revision, if healing may reject it and roll back to another. */
  rollbackFrom?: string;
  /** Since when pods of the active environment have been unhealthy, milliseconds; see Episode. */
  unhealthySince?: number;
  /** The state beyond this RestAPI; computed only if healing would act. */
  clusterHealth: () => ClusterHealth;
}
