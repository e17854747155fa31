import type { StoredObject } from '../../operator/index.ts';
import {
  ASKED_REPLICAS,
  type ComponentName,
  type Deployment,
  type Environment,
  initialReplicas,
  type RestAPI,
  scalingOf,
} from '../../resources/index.ts';
import { enabledComponents, replicasOf } from '../../resources/model/enabled-components.ts';

/** The fields of a component's Deployment that its replicas depend on. */
export interface Held {
  /** Replicas of the Deployment. */
  replicas: number;
  /** Replicas of the spec when an autoscaler last took over. */
  asked?: number;
}

/** Reads them from a Deployment. */
export function heldOf({ metadata, spec }: Pick<StoredObject<Deployment>, 'metadata' | 'spec'>): Held {
  const asked = Number.parseInt(metadata.annotations?.[ASKED_REPLICAS] ?? '', 10);
  return { replicas: spec.replicas, ...(Number.isNaN(asked) ? {} : { asked }) };
}

/**
 * The replicas of the active environment. With an autoscaler they are the observed ones, which it owns. They stay so after
 * it was turned off, until the spec requests another number: turning it on or off removes no busy pods.
 *
 * @param observed the components; those that do not exist yet get the replicas of the spec
 */
export function effectiveReplicas(
  api: RestAPI,
  observed: Partial<Record<ComponentName, Held>> = {},
): Pick<Environment, 'replicas' | 'asked'> {
  const replicas: Environment['replicas'] = {};
  const asked: NonNullable<Environment['asked']> = {};
  for (const component of enabledComponents(api)) {
    const wanted = replicasOf(api, component);
    const found = observed[component];
    const scaling = scalingOf(api, component);
    const left = found?.asked === wanted && found.replicas !== wanted;
    const initial = initialReplicas(api, component);
    if (!scaling && !left) {
      replicas[component] = wanted;
      continue;
    }
    asked[component] = wanted;
    // An autoscaler leaves 0 replicas at 0 if others scaled down; not if it did so itself.
    const asleep = found?.replicas === 0 && !(scaling?.minReplicas === 0 && found.asked !== undefined);
    replicas[component] = found && !asleep ? found.replicas : initial;
  }
  return { replicas, asked };
}
