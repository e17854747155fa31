import { hashOf, type StoredObject } from '../../operator/index.ts';
import {
  type ComponentName,
  type Deployment,
  type Environment,
  type HealingRecord,
  type RestAPI,
  verticalScalingOf,
} from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';
import { isPodOf } from '../workload/own-pods.ts';
import type { Pod } from '../workload/pod.ts';
import { RESTARTED_AT, secondOf } from '../workload/restart-patch.ts';
import { type PodFailure, podFailureOf } from './pod-failure.ts';

/** A component of the active environment, and its failing pods. */
export interface ComponentHealth {
  component: ComponentName;
  /** Name of its Deployment. */
  deployment: string;
  /** Desired replicas. */
  replicas: number;
  /** Whether all of them are available. */
  allAvailable: boolean;
  /** When the last rollout completed, milliseconds; undefined: unknown. */
  rolledOutAt?: number;
  /** Whether a rollout is in progress that healing did not start: a change of the spec or of variables, or a restart. */
  rollingOut: boolean;
  /** Whether an old pod is deleted before a new one is created, because of a volume. */
  recreated: boolean;
  /** Whether pods cannot be created, as with a quota. */
  refused: boolean;
  /** Whether vertical scaling raises the memory of pods that were killed for lack of it. */
  memoryGrows: boolean;
  /** A hash of what its pods are made from; a restart does not change it. Empty if none is failing. */
  template: string;
  /** Sorted by the names of the pods. */
  failing: { pod: StoredObject<Pod>; failure: PodFailure }[];
}

/**
 * The health of the components of an environment. Pure.
 *
 * @param deployments, pods of all environments; a pod that was not created for one of the Deployments is left alone
 * @param actions earlier actions, the newest first
 */
export function componentHealthOf(
  api: StoredObject<RestAPI>,
  environment: Environment,
  deployments: readonly StoredObject<Deployment>[],
  pods: readonly StoredObject<Pod>[],
  actions: readonly HealingRecord[],
): ComponentHealth[] {
  return enabledComponents(environment.api).flatMap((component) => {
    const name = environmentObjectName(api, component, environment.name);
    const deployment = deployments.find(({ metadata }) => metadata.name === name && !metadata.deletionTimestamp);
    if (!deployment) return [];
    const own = pods.filter((pod) => isPodOf(pod, name));
    const vertical = verticalScalingOf(api, component)?.mode;
    const memoryGrows = vertical === 'InPlace' || vertical === 'Rolling';
    return [{ ...healthOf(component, deployment, own, actions), memoryGrows }];
  });
}

function healthOf(
  component: ComponentName,
  deployment: StoredObject<Deployment>,
  pods: readonly StoredObject<Pod>[],
  actions: readonly HealingRecord[],
): Omit<ComponentHealth, 'memoryGrows'> {
  const { metadata, spec, status = {} } = deployment;
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const progressing = condition('Progressing');
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const complete =
    observedGeneration >= (metadata.generation ?? 0) &&
    replicas <= updatedReplicas &&
    progressing?.reason === 'NewReplicaSetAvailable';
  const failing = [...pods]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((pod) => {
      const failure = podFailureOf(component, pod);
      return failure ? [{ pod, failure }] : [];
    });
  // Only failing components need it, and it takes time.
  const template = failing.length > 0 ? templateHash(deployment) : '';
  const rolledOutAt = Date.parse(progressing?.lastUpdateTime ?? '');
  return {
    component,
    deployment: metadata.name,
    replicas: spec.replicas,
    allAvailable: availableReplicas >= spec.replicas,
    ...(complete && !Number.isNaN(rolledOutAt) && { rolledOutAt }),
    rollingOut: !complete && !isOwnRestart(deployment, template, actions),
    recreated: (spec.strategy as { type?: string }).type === 'Recreate',
    refused: condition('ReplicaFailure')?.status === 'True',
    template,
    failing,
  };
}

/** Whether the rollout in progress is the operator's own restart, with no change since. */
function isOwnRestart(
  { metadata, spec }: StoredObject<Deployment>,
  template: string,
  actions: readonly HealingRecord[],
): boolean {
  const last = actions.find(({ action, target }) => action === 'RestartComponent' && target === metadata.name);
  const restartedAt = spec.template.metadata.annotations?.[RESTARTED_AT];
  return last !== undefined && restartedAt === secondOf(last.at) && last.id === template;
}

function templateHash({ spec: { template } }: StoredObject<Deployment>): string {
  const { [RESTARTED_AT]: _, ...annotations } = template.metadata.annotations ?? {};
  return hashOf({ ...template, metadata: { ...template.metadata, annotations } });
}
