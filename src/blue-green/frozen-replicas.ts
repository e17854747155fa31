import type { StoredObject } from '../../operator/index.ts';
import { COMPONENTS, type Deployment, type EnvironmentName, type RestAPI, scalingOf } from '../../resources/index.ts';
import { replicasOf } from '../../resources/model/enabled-components.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';
import { heldOf } from '../workload/effective-replicas.ts';

/** A Deployment that gets another number of replicas, and nothing else. */
export interface Rescaled {
  deployment: StoredObject<Deployment>;
  replicas: number;
}

/**
 * Returns what follows the replicas of the spec while the active revision is lost, as they are part of no revision. A
 * component with an autoscaler is left to that, and nothing is stopped or started: that follows the order of calls, which the
 * revision has. Pure.
 */
export function frozenReplicas(
  api: StoredObject<RestAPI>,
  active: EnvironmentName,
  deployments: readonly StoredObject<Deployment>[],
): Rescaled[] {
  return COMPONENTS.flatMap((component): Rescaled[] => {
    const name = environmentObjectName(api, component, active);
    const deployment = deployments.find(({ metadata }) => metadata.name === name && !metadata.deletionTimestamp);
    if (!deployment || !api.spec[component].enabled || scalingOf(api, component)) return [];
    const { replicas: now, asked } = heldOf(deployment);
    const replicas = replicasOf(api, component);
    const isStartOrStop = replicas === 0 || now === 0;
    return asked !== undefined || isStartOrStop || replicas === now ? [] : [{ deployment, replicas }];
  });
}
