import type { StoredObject } from '../../operator/index.ts';
import {
  activeEnvironment,
  COMPONENTS,
  type ComponentName,
  type Decision,
  type Deployment,
  type Environment,
  frontName,
  type RestAPI,
  type Service,
} from '../../resources/index.ts';
import { entryComponent } from '../../resources/model/enabled-components.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL } from '../../resources/model/labels.ts';
import { componentObjectName, environmentObjectName } from '../../resources/model/object-names.ts';
import { type EndpointSlice, isEndpointOf, podsBehind } from '../blue-green/endpoints.ts';
import type { Pod } from '../workload/pod.ts';

/** What the cluster holds of the front. */
export interface ObservedFront {
  fronts: readonly StoredObject<Service>[];
  deployments: readonly StoredObject<Deployment>[];
  slices: readonly StoredObject<EndpointSlice>[];
  pods: readonly StoredObject<Pod>[];
}

/**
 * Keeps the front Service on pods that serve when the entry component of the active environment changes, as when the view is
 * enabled or disabled: it follows a new entry once all pods of that are ready, and a component that is no longer enabled keeps
 * its pods until the front has left them. Nothing is held where nothing serves, nor when traffic is switched to another
 * environment, which is complete before. Pure.
 */
export function keepFrontServing(api: RestAPI, decision: Decision, observed: ObservedFront): Decision {
  const active = activeEnvironment(decision);
  const { [COMPONENT_LABEL]: led, [ENVIRONMENT_LABEL]: environment } = observed.fronts[0]?.spec.selector ?? {};
  const present = COMPONENTS.find((component) => component === led);
  if (!present || environment !== active.name) return decision;
  const serving = componentsBehindFront(api, active, observed);
  if (serving.length === 0) return decision;
  const wanted = entryComponent(active.api);
  const holds = present !== wanted && serving.includes(present) && !allReady(api, active, wanted, observed);
  const entry = holds ? present : wanted;
  // Until the EndpointSlices have followed the selector, the pods of the previous entry are all that serves.
  const leaves = serving.includes(entry) && !holds ? [] : serving;
  const retained = leaves.filter((component) => !active.api.spec[component].enabled);
  if (!holds && retained.length === 0) return decision;
  return {
    ...decision,
    front: { ...decision.front, entry },
    environments: decision.environments.map((one) => (one === active ? withRetained(one, retained, observed) : one)),
  };
}

/** The components with ready pods behind the front Service. A pod that the cache does not have yet may be one of them. */
function componentsBehindFront(api: RestAPI, active: Environment, { slices, pods }: ObservedFront): ComponentName[] {
  return COMPONENTS.filter((component) => {
    const deployment = environmentObjectName(api, component, active.name);
    return podsBehind(frontName(api), component, slices, pods).some((endpoint) =>
      endpoint.pod ? isEndpointOf(endpoint, deployment) : endpoint.name.startsWith(`${deployment}-`),
    );
  });
}

/** Whether all pods of a component are available, and behind its stable Service. */
function allReady(
  api: RestAPI,
  active: Environment,
  component: ComponentName,
  { deployments, slices, pods }: ObservedFront,
): boolean {
  const name = environmentObjectName(api, component, active.name);
  const deployment = deployments.find(({ metadata }) => metadata.name === name && !metadata.deletionTimestamp);
  if (!deployment) return false;
  const least = Math.max(1, deployment.spec.replicas);
  const behind = podsBehind(componentObjectName(api, component), 'http', slices, pods);
  return (
    (deployment.status?.availableReplicas ?? 0) >= least &&
    behind.filter((endpoint) => isEndpointOf(endpoint, name)).length >= least
  );
}

function withRetained(
  environment: Environment,
  retained: readonly ComponentName[],
  { deployments }: ObservedFront,
): Environment {
  const { api, name } = environment;
  const kept = retained.flatMap((component) => {
    const found = deployments.find(({ metadata }) => metadata.name === environmentObjectName(api, component, name));
    return found ? [[component, found.spec.replicas] as const] : [];
  });
  return {
    ...environment,
    retained: kept.map(([component]) => component),
    replicas: { ...environment.replicas, ...Object.fromEntries(kept) },
  };
}
