import type { Attack } from './attack.ts';
import { OBJECT_ATTACKS } from './objects.ts';
import { WORKLOAD_ATTACKS } from './workloads.ts';

/** Every attack with a stolen token that the tests play. */
export const ATTACKS: readonly Attack[] = [...WORKLOAD_ATTACKS, ...OBJECT_ATTACKS];
