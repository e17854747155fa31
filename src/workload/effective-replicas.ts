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

/** What of a component's Deployment its number of pods is decided from. */
export interface Held {
  /** Number of pods there should be. */
  replicas: number;
  /** What the spec asked for when the load was last left to say how many there are. */
  asked?: number;
}

/** That of a Deployment as it is found. */
export function heldOf({ metadata, spec }: Pick<StoredObject<Deployment>, 'metadata' | 'spec'>): Held {
  const asked = Number.parseInt(metadata.annotations?.[ASKED_REPLICAS] ?? '', 10);
  return { replicas: spec.replicas, ...(Number.isNaN(asked) ? {} : { asked }) };
}

/**
 * The numbers of pods of what requests are sent to. Where they follow the load they are what they are found to be, as
 * they belong to the autoscaler; so they are, too, after that was switched off, until the spec asks for another number:
 * neither turning it on nor turning it off takes away pods that are busy.
 *
 * @param observed the components as they are; those that do not exist yet get what the spec asks for
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
    // An autoscaler lets 0 be what somebody else made it, unless it made it 0 itself.
    const asleep = found?.replicas === 0 && !(scaling?.minReplicas === 0 && found.asked !== undefined);
    replicas[component] = found && !asleep ? found.replicas : initial;
  }
  return { replicas, asked };
}
