import type { StoredObject } from '../../operator/index.ts';
import type { Pod } from '../workload/pod.ts';
import { nodeIsLost } from '../workload/trouble.ts';

/**
 * Whether a pod of a Deployment exists and its containers have not all ended, also while it terminates. Bare pods with the
 * labels of the Deployment do not count.
 */
export function isRunning({ metadata, status }: StoredObject<Pod>, deployment: string): boolean {
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const owned = metadata.ownerReferences?.some(({ kind, controller }) => controller && kind === 'ReplicaSet');
  return !ended && owned === true && metadata.name.startsWith(`${deployment}-`);
}

/**
 * Whether containers of a pod crashed, or were ready and are so no longer. Not while the pod starts or terminates, and not
 * if its node is lost: that is no failure of the version.
 */
export function isFailing({ metadata, status = {} }: StoredObject<Pod>): boolean {
  const { conditions = [], containerStatuses = [] } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (metadata.deletionTimestamp || ready?.status === 'True' || nodeIsLost(status)) return false;
  return containerStatuses.some(({ ready: isReady, restartCount = 0, state = {} }) => {
    if (isReady) return false;
    const { running, terminated } = state;
    const crashed = restartCount > 0 || (terminated !== undefined && terminated.exitCode !== 0);
    // The condition changes when readiness does: since before the container started it has never been ready.
    return crashed || Date.parse(ready?.lastTransitionTime ?? '') > Date.parse(running?.startedAt ?? '');
  });
}
