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

/** A pod that was ready within this time of its start counts as never ready, in milliseconds: times are in seconds. */
const START_MS = 2_000;
/** A pod that has never been ready counts as failing from this restart on: it may crash while it waits for another. */
const RESTARTS_AT_START = 3;

/**
 * Whether containers of a pod crashed, or were ready and are so no longer. Not while the pod starts, terminates or is being
 * evicted, and not if its node is lost: that is no failure of the version.
 */
export function isFailing({ metadata, status = {} }: StoredObject<Pod>): boolean {
  const { conditions = [], containerStatuses = [], startTime } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  const evicted = conditions.some((one) => one.type === 'DisruptionTarget' && one.status === 'True');
  if (metadata.deletionTimestamp || evicted || ready?.status === 'True' || nodeIsLost(status)) return false;
  const changedAt = Date.parse(ready?.lastTransitionTime ?? '');
  const neverReady = changedAt <= Date.parse(startTime ?? '') + START_MS;
  return containerStatuses.some(({ ready: isReady, restartCount = 0, state = {} }) => {
    if (isReady) return false;
    const { running, terminated } = state;
    if (neverReady) return restartCount >= RESTARTS_AT_START;
    const crashed = restartCount > 0 || (terminated !== undefined && terminated.exitCode !== 0);
    // The condition changes when readiness does: since before the container started it has never been ready.
    return crashed || changedAt > Date.parse(running?.startedAt ?? '');
  });
}
