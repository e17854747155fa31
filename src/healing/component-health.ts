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
import { isOf } from '../../resources/model/labels.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';
import type { Pod } from '../workload/pod.ts';
import { RESTARTED_AT, secondOf } from '../workload/restart-patch.ts';
import { type PodFailure, podFailureOf } from './pod-failure.ts';

/** A component of what is active, and its pods that are not well. */
export interface ComponentHealth {
  component: ComponentName;
  /** Name of its Deployment. */
  deployment: string;
  /** How many pods there should be. */
  replicas: number;
  /** When the last roll-out was complete, milliseconds; undefined: not known. */
  rolledOutAt?: number;
  /** Whether somebody rolls it out: who changed the spec, a variable's source, or asked for a restart. */
  rollingOut: boolean;
  /** Whether an old pod has to be gone before a new one is made, for the sake of a volume. */
  recreated: boolean;
  /** Whether pods are not let in, as by a quota. */
  refused: boolean;
  /** Whether vertical scaling gives its pods more memory when they are killed for lack of it. */
  memoryGrows: boolean;
  /** A hash of what its pods are made from; a restart does not change it. Empty where none is ailing. */
  template: string;
  /** By the names of the pods. */
  ailing: { pod: StoredObject<Pod>; ailment: PodFailure }[];
}

/**
 * The components of an environment as healing sees them. Pure.
 *
 * @param deployments, pods of all environments
 * @param actions what was done before, the newest first
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
    const own = pods.filter((pod) => isOf(pod, component, environment.name));
    const vertical = verticalScalingOf(api, component)?.mode;
    const memoryGrows = vertical === 'InPlace' || vertical === 'Rolling';
    return [{ ...wardOf(component, deployment, own, actions), memoryGrows }];
  });
}

function wardOf(
  component: ComponentName,
  deployment: StoredObject<Deployment>,
  pods: readonly StoredObject<Pod>[],
  actions: readonly HealingRecord[],
): Omit<ComponentHealth, 'memoryGrows'> {
  const { metadata, spec, status = {} } = deployment;
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const progressing = condition('Progressing');
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0 } = status;
  const complete =
    observedGeneration >= (metadata.generation ?? 0) &&
    replicas <= updatedReplicas &&
    progressing?.reason === 'NewReplicaSetAvailable';
  const ailing = [...pods]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((pod) => {
      const ailment = podFailureOf(component, pod);
      return ailment ? [{ pod, ailment }] : [];
    });
  // Of a component that is well nobody asks for it, and it takes time.
  const template = ailing.length > 0 ? templateHash(deployment) : '';
  const rolledOutAt = Date.parse(progressing?.lastUpdateTime ?? '');
  return {
    component,
    deployment: metadata.name,
    replicas: spec.replicas,
    ...(complete && !Number.isNaN(rolledOutAt) && { rolledOutAt }),
    rollingOut: !complete && !isOwnRestart(deployment, template, actions),
    recreated: (spec.strategy as { type?: string }).type === 'Recreate',
    refused: condition('ReplicaFailure')?.status === 'True',
    template,
    ailing,
  };
}

/** The restart that goes on is the operator's own, and nothing else was changed since. */
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
