import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';
import { type Trouble, troubleOfPod } from '../workload/trouble.ts';

/** What ails a pod that serves nobody. */
export interface PodFailure extends Trouble {
  /** From when on, milliseconds. */
  since: number;
  /** Whether nothing of it works just now, so that its going loses nothing at all. */
  dead: boolean;
}

/** What a new pod in the place of this one may mend. Against the others there is no remedy in another try. */
const MENDED_BY_RESTART = ['CrashLoopBackOff', 'NodeLost', 'NotReady', 'NotStarting'];
/** What an earlier version may not have. */
const MENDED_BY_ROLLBACK = [
  'CrashLoopBackOff',
  'NotReady',
  'OOMKilled',
  'ImagePullBackOff',
  'ContainerCannotStart',
  'NotStarting',
];

/**
 * What ails a pod, or undefined: it is ready, is on its way out, or has ended (then there is another in its place).
 * Pure, and quiet: between two crashes it says the same as in the pause after one.
 */
export function podFailureOf(component: ComponentName, pod: StoredObject<Pod>): PodFailure | undefined {
  const { metadata, status = {} } = pod;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (metadata.deletionTimestamp || ['Succeeded', 'Failed'].includes(status.phase ?? '') || ready?.status === 'True') {
    return undefined;
  }
  const since = Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
  if (Number.isNaN(since)) return undefined;
  const trouble = troubleOfPod(component, pod);
  if (trouble && trouble.reason !== 'NotReady') return { ...trouble, since, dead: isDead(trouble.reason, status) };
  const crashed = status.containerStatuses?.find(
    ({ ready: isReady, lastState }) => !isReady && (lastState?.terminated?.exitCode ?? 0) !== 0,
  );
  if (crashed) {
    // As it will be told after the next crash.
    const asAfter = { ...crashed, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    const again = troubleOfPod(component, { ...pod, status: { ...status, containerStatuses: [asAfter] } });
    if (again) return { ...again, since, dead: false };
  }
  return {
    reason: 'NotStarting',
    message: `pod ${metadata.name} has not started its containers`,
    ...trouble,
    since,
    dead: false,
  };
}

export const mendedByRestart = ({ reason }: PodFailure): boolean => MENDED_BY_RESTART.includes(reason);
export const mendedByRollback = ({ reason }: PodFailure): boolean => MENDED_BY_ROLLBACK.includes(reason);

function isDead(reason: string, { containerStatuses = [] }: NonNullable<Pod['status']>): boolean {
  if (reason === 'NodeLost') return true;
  return reason === 'CrashLoopBackOff' && containerStatuses.some(({ state }) => state?.waiting?.reason === reason);
}
