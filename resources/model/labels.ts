import type { EnvironmentName } from '../api/environment-name.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { Environment } from './environment.ts';

/** Label of everything generated, with the name of its RestAPI. */
export const NAME_LABEL = 'restapi.dev/name';
/** Label of what belongs to one component. */
export const COMPONENT_LABEL = 'restapi.dev/component';
/** Label of pods with the environment they belong to. */
export const ENVIRONMENT_LABEL = 'restapi.dev/environment';

/** Labels that select the pods of one component in all environments. */
export function componentSelector(api: RestAPI, component: ComponentName): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name), [COMPONENT_LABEL]: component };
}

/** Labels that select the pods of one component in one environment. A Deployment's selector is immutable, so these never change. */
export function podSelector({ api, name }: Environment, component: ComponentName): Record<string, string> {
  return { ...componentSelector(api, component), [ENVIRONMENT_LABEL]: name };
}

/** Labels that select the pods of all components in one environment. */
export function environmentSelector(api: RestAPI, environment: EnvironmentName): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name), [ENVIRONMENT_LABEL]: environment };
}

/** Labels that select the pods of all components. */
export function applicationSelector(api: RestAPI): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name) };
}

/** Labels of everything generated, for people and tools (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). */
export function commonLabels(api: RestAPI, component?: ComponentName): Record<string, string> {
  return {
    'app.kubernetes.io/name': String(api.metadata.name),
    'app.kubernetes.io/part-of': String(api.metadata.name),
    ...(component
      ? { 'app.kubernetes.io/component': component, ...componentSelector(api, component) }
      : { [NAME_LABEL]: String(api.metadata.name) }),
  };
}

/** Labels of what belongs to one environment. */
export function environmentLabels({ api, name }: Environment, component?: ComponentName): Record<string, string> {
  return { ...commonLabels(api, component), [ENVIRONMENT_LABEL]: name };
}

/** Whether an object belongs to a component in an environment. */
export function isOf(
  { metadata: { labels } }: { metadata: { labels?: Record<string, string> } },
  component: ComponentName,
  environment: EnvironmentName | undefined,
): boolean {
  return labels?.[COMPONENT_LABEL] === component && labels[ENVIRONMENT_LABEL] === environment;
}
