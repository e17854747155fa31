import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName, Deployment } from '../../resources/index.ts';
import type { Pod } from './pod.ts';
import { TROUBLES, type TroubleReason } from './trouble-reasons.ts';
import { truncate } from './truncate.ts';

/** Why a component is not healthy. */
export interface Trouble {
  /** In one CamelCase word, as Kubernetes itself calls it where it has a word. */
  reason: TroubleReason;
  /** Which pod and container, what happened, and what to do. */
  message: string;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** The longest quoted message, in characters. */
const QUOTED = 300;

const ORDER = Object.keys(TROUBLES) as TroubleReason[];

/**
 * The worst problem of a component; undefined: none is known. Pure and stable: the same problem has the same message
 * however often it recurs.
 *
 * @param pods the component's pods; terminating ones do not count
 */
export function troubleOf(
  component: ComponentName,
  deployment: StoredObject<Deployment> | undefined,
  pods: readonly StoredObject<Pod>[],
): Trouble | undefined {
  const troubles = pods
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((pod) => troubleOfPod(component, pod) ?? [])
    // While pods start, each of them is not ready for a while.
    .filter(({ reason }) => reason !== 'NotReady' || !isRollingOut(deployment));
  const failure = creationFailure(deployment);
  if (failure) troubles.push(failure);
  for (const reason of ORDER) {
    const [first, ...more] = troubles.filter((trouble) => trouble.reason === reason);
    if (first && more.length === 0) return first;
    if (first) return { reason, message: `${first.message} (and ${more.length} more)` };
  }
  return undefined;
}

/** Pods that cannot be created: a quota, an admission policy, a missing ServiceAccount. */
function creationFailure(deployment: StoredObject<Deployment> | undefined): Trouble | undefined {
  const condition = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  return (
    condition && { reason: 'FailedCreate', message: `pods cannot be created: ${said(withoutNames(condition.message))}` }
  );
}

function isRollingOut(deployment: StoredObject<Deployment> | undefined): boolean {
  const progressing = deployment?.status?.conditions?.find(({ type }) => type === 'Progressing');
  return !['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'].includes(progressing?.reason ?? '');
}

/** The problem of one pod, if it is known. A pod that is not ready has one, also while it starts. */
export function troubleOfPod(
  component: ComponentName,
  { metadata, spec, status = {} }: StoredObject<Pod>,
): Trouble | undefined {
  const pod = `pod ${metadata.name}`;
  if (status.phase === 'Succeeded') return undefined;
  if (status.reason === 'Evicted') {
    return { reason: 'Evicted', message: `${pod} was evicted from its node: ${said(status.message)}` };
  }
  for (const container of status.containerStatuses ?? []) {
    const trouble = ofContainer(component, pod, container);
    if (trouble) return trouble;
  }
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const message = `${pod} cannot be scheduled: ${said(scheduled.message)}`;
    return { reason: 'Unschedulable', message };
  }
  if (nodeIsLost(status)) {
    return { reason: 'NodeLost', message: `${pod}: its node ${spec?.nodeName} is unreachable` };
  }
  const waits = status.containerStatuses?.find(({ ready, state }) => !ready && state?.running);
  return (
    waits && {
      reason: 'NotReady',
      message: `${pod}: container ${waits.name} is running but fails its readiness probe`,
    }
  );
}

/**
 * When a node is unreachable, the node controller sets the pod's Ready to False and keeps the kubelet's other conditions.
 * (For a pod that waits for a readiness gate the kubelet reports the same, with that reason.)
 */
export function nodeIsLost({ conditions = [] }: NonNullable<Pod['status']>): boolean {
  const find = (type: string) => conditions.find((one) => one.type === type);
  const ready = find('Ready');
  return (
    ready?.status === 'False' && ready.reason !== 'ReadinessGatesNotReady' && find('ContainersReady')?.status === 'True'
  );
}

function ofContainer(
  component: ComponentName,
  pod: string,
  { name, image, ready, state = {}, lastState = {} }: ContainerStatus,
): Trouble | undefined {
  if (ready) return undefined;
  const where = `${pod}: container ${name}`;
  const ended = state.terminated ?? lastState.terminated;
  if (ended?.reason === 'OOMKilled') {
    return {
      reason: 'OOMKilled',
      message: `${where} exceeded its memory limit and was killed (exit code ${ended.exitCode}): raise spec.${component}.resources.limits.memory`,
    };
  }
  const waiting = state.waiting?.reason ?? '';
  if (waiting === 'CrashLoopBackOff' || (state.terminated && state.terminated.exitCode !== 0)) {
    const last = ended ? `exit code ${ended.exitCode}${ended.reason ? `, ${ended.reason}` : ''}` : 'exit code unknown';
    return {
      reason: 'CrashLoopBackOff',
      message: `${where} keeps crashing (${last}): see kubectl logs ${pod.slice(4)} --previous`,
    };
  }
  if (['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'].includes(waiting)) {
    const advice = `check its name, that it was pushed, and spec.${component}.imagePullSecrets`;
    return { reason: 'ImagePullBackOff', message: `${where} cannot pull its image ${image}: ${advice}` };
  }
  if (['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'].includes(waiting)) {
    return { reason: 'ContainerCannotStart', message: `${where} cannot start: ${said(state.waiting?.message)}` };
  }
  return undefined;
}

/** Removes the names of pods that could not be created: they differ with each try. */
function withoutNames(message = ''): string {
  return message.replace(/^pods "[^"]*" is forbidden: /, '').replace(/^Pod "[^"]*" is invalid: /, '');
}

function said(message = 'no reason given'): string {
  return truncate(message, QUOTED);
}
