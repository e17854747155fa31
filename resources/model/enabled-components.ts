import { COMPONENTS, type ComponentName, type RestAPI } from '../api/rest-api.ts';

/** The components in the order of calls: each may call those after it. */
export const CALL_ORDER = ['view', 'controller', 'model', 'repository'] as const satisfies readonly ComponentName[];

/** Returns the enabled components in the order of `COMPONENTS`. */
export function enabledComponents(api: RestAPI): ComponentName[] {
  return COMPONENTS.filter((component) => api.spec[component].enabled);
}

/** Returns the component that receives external requests: the view or, if disabled, the next enabled one behind it. */
export function entryComponent(api: RestAPI): ComponentName {
  const entry = CALL_ORDER.find((component) => api.spec[component].enabled);
  if (!entry) throw new Error(`RestAPI ${api.metadata.name} has no enabled component: enable at least one`);
  return entry;
}

/** Returns the number of pods that the spec declares for a component. */
export function replicasOf(api: RestAPI, component: ComponentName): number {
  return api.spec[component].replicas ?? api.spec.replicas;
}
