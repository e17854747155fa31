import type { ComponentName, RestAPI } from './rest-api.ts';

const NAME = 'restapi.dev/name';
const COMPONENT = 'restapi.dev/component';

/** Name of what is generated for one component: `<name>-<component>`. */
export function componentObjectName(api: RestAPI, component: ComponentName): string {
  return `${api.metadata.name}-${component}`;
}

/** Labels that select the pods of one component. A Deployment's selector is immutable, so these never change. */
export function componentSelector(api: RestAPI, component: ComponentName): Record<string, string> {
  return { [NAME]: String(api.metadata.name), [COMPONENT]: component };
}

/** Labels that select the pods of all components. */
export function applicationSelector(api: RestAPI): Record<string, string> {
  return { [NAME]: String(api.metadata.name) };
}

/** Labels of everything generated, for people and tools (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). */
export function commonLabels(api: RestAPI, component?: ComponentName): Record<string, string> {
  return {
    'app.kubernetes.io/name': String(api.metadata.name),
    'app.kubernetes.io/part-of': String(api.metadata.name),
    ...(component
      ? { 'app.kubernetes.io/component': component, ...componentSelector(api, component) }
      : { [NAME]: String(api.metadata.name) }),
  };
}
