import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName, LastTermination } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';
import { type Trouble, troubleOfPod } from '../workload/trouble.ts';
import type { TroubleReason } from '../workload/trouble-reasons.ts';
import { lastTerminationOf } from './last-termination.ts';
import { startsUntil } from './start-allowance.ts';

/** Why a pod is not ready. */
export interface PodFailure extends Omit<Trouble, 'reason'> {
  reason: TroubleReason | 'NotStarting';
  /** Since when, milliseconds. */
  since: number;
  /** Whether nothing of the pod runs. */
  dead: boolean;
  /** Until when a running container may be starting by its own probes, milliseconds; undefined: none runs. */
  startsUntil?: number;
  /** How the container last ended. */
  lastTermination?: LastTermination;
}

/** Failures that a replacement pod may fix; for others another try does not help. */
const FIXED_BY_RESTART: readonly PodFailure['reason'][] = ['CrashLoopBackOff', 'NodeLost', 'NotReady', 'NotStarting'];
/** Failures that an earlier revision may not have. */
const FIXED_BY_ROLLBACK: readonly PodFailure['reason'][] = [
  'CrashLoopBackOff',
  'NotReady',
  'OOMKilled',
  'ImagePullBackOff',
  'ContainerCannotStart',
  'NotStarting',
];

/**
 * Describes why a pod is not ready. Undefined if it is ready, terminating, or finished (then another has replaced it).
 * Pure and stable: the result is the same during a crash back-off and between two crashes.
 */
export function podFailureOf(component: ComponentName, pod: StoredObject<Pod>): PodFailure | undefined {
  const { metadata, status = {} } = pod;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (metadata.deletionTimestamp || ['Succeeded', 'Failed'].includes(status.phase ?? '') || ready?.status === 'True') {
    return undefined;
  }
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  if (Number.isNaN(since)) return undefined;
  const until = startsUntil(pod);
  const lastTermination = lastTerminationOf(status);
  const about = {
    since,
    ...(until !== undefined && { startsUntil: until }),
    ...(lastTermination && { lastTermination }),
  };
  const trouble = troubleOfPod(component, pod);
  if (trouble && trouble.reason !== 'NotReady') return { ...trouble, ...about, dead: isDead(trouble.reason, status) };
  const crashed = status.containerStatuses?.find(
    ({ ready: isReady, lastState }) => !isReady && (lastState?.terminated?.exitCode ?? 0) !== 0,
  );
  if (crashed) {
    // As after the next crash.
    const asAfter = { ...crashed, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    const again = troubleOfPod(component, { ...pod, status: { ...status, containerStatuses: [asAfter] } });
    if (again) return { ...again, ...about, dead: false };
  }
  return {
    reason: 'NotStarting',
    message: `pod ${metadata.name} has not started its containers`,
    ...trouble,
    ...about,
    dead: false,
  };
}

export const fixedByRestart = ({ reason }: PodFailure): boolean => FIXED_BY_RESTART.includes(reason);
export const fixedByRollback = ({ reason }: PodFailure): boolean => FIXED_BY_ROLLBACK.includes(reason);

function isDead(reason: string, { containerStatuses = [] }: NonNullable<Pod['status']>): boolean {
  if (reason === 'NodeLost') return true;
  return reason === 'CrashLoopBackOff' && containerStatuses.some(({ state }) => state?.waiting?.reason === reason);
}
