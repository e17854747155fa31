import { COMPONENTS, type ComponentName, type RestAPI } from './rest-api.ts';

/** The components that should run, in their usual order. */
export function enabledComponents(api: RestAPI): ComponentName[] {
  return COMPONENTS.filter((component) => api.spec[component].enabled);
}

/** How many pods a component should have. */
export function replicasOf(api: RestAPI, component: ComponentName): number {
  return api.spec[component].replicas ?? api.spec.replicas;
}
