import { COMPONENTS, type ComponentName, type RestAPI } from '../api/rest-api.ts';

/** The components that should run, in their usual order. */
export function enabledComponents(api: RestAPI): ComponentName[] {
  return COMPONENTS.filter((component) => api.spec[component].enabled);
}

/** The enabled component that requests come in at: the view, or else the one behind it. */
export function entryComponent(api: RestAPI): ComponentName {
  const inwards: ComponentName[] = ['view', 'controller', 'model', 'repository'];
  const entry = inwards.find((component) => api.spec[component].enabled);
  if (!entry) throw new Error(`RestAPI ${api.metadata.name}: no component is enabled`);
  return entry;
}

/** How many pods a component should have. */
export function replicasOf(api: RestAPI, component: ComponentName): number {
  return api.spec[component].replicas ?? api.spec.replicas;
}
