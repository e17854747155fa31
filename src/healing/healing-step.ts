import type { HealingRecord } from '../../resources/index.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { HoldReason } from './healing-conditions.ts';

/** Characters of a message in the status, which may have 1,024, before advice is added. */
export const LONGEST_MESSAGE = 1_000;

/** The next step of healing. */
export type Healing =
  /** `checkAt`: when time alone may change this, milliseconds since 1970. */
  | { next: 'nothing'; checkAt?: number }
  /** Something is wrong, and healing does not act. */
  | { next: 'hold'; reason: HoldReason; message: string; checkAt?: number }
  /** To be recorded in the status first, and executed once it is there. */
  | { next: 'act'; record: HealingRecord };

/** What healing considers apart from the pods. */
export interface Circumstances {
  /** Describes the release in progress; undefined: there is none. */
  release?: string;
  /** When traffic last moved to another environment, milliseconds. */
  switchedAt?: number;
  /** The active revision, if healing may reject it and roll back to another. */
  rollbackFrom?: string;
  /** The state beyond this RestAPI; computed only if healing would act. */
  clusterHealth: () => ClusterHealth;
}
