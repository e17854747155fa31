import type { EnvironmentName } from '../api/environment-name.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { Environment } from './environment.ts';

/** Label of all generated objects with the name of the RestAPI. */
export const NAME_LABEL = 'restapi.dev/name';
/** Label of objects that belong to one component. */
export const COMPONENT_LABEL = 'restapi.dev/component';
/** Label of objects that belong to one environment. */
export const ENVIRONMENT_LABEL = 'restapi.dev/environment';

/** Returns the selector of the pods of one component in all environments. */
export function componentSelector(api: RestAPI, component: ComponentName): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name), [COMPONENT_LABEL]: component };
}

/**
 * Returns the selector of the pods of one component in one environment. Must not change: it is immutable in
 * Deployments.
 */
export function podSelector({ api, name }: Environment, component: ComponentName): Record<string, string> {
  return { ...componentSelector(api, component), [ENVIRONMENT_LABEL]: name };
}

/** Returns the selector of the pods of all components in one environment. */
export function environmentSelector(api: RestAPI, environment: EnvironmentName): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name), [ENVIRONMENT_LABEL]: environment };
}

/** Returns the selector of the pods of all components. */
export function applicationSelector(api: RestAPI): Record<string, string> {
  return { [NAME_LABEL]: String(api.metadata.name) };
}

/**
 * Value of `app.kubernetes.io/name` of every generated object. The same for all RestAPIs: other applications select pods by this
 * label, such as `prometheus`, so the author of a RestAPI must not choose it.
 */
const APPLICATION = 'restapi';

/** The recommended label that names one installation of an application. */
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** Returns the recommended labels of generated objects (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). */
export function commonLabels(api: RestAPI, component?: ComponentName): Record<string, string> {
  return {
    'app.kubernetes.io/name': APPLICATION,
    // With a prefix: Helm charts and Argo CD select objects by the name of a release or application alone.
    [INSTANCE_LABEL]: `${APPLICATION}-${api.metadata.name}`,
    ...(component
      ? { 'app.kubernetes.io/component': component, ...componentSelector(api, component) }
      : { [NAME_LABEL]: String(api.metadata.name) }),
  };
}

/** Returns the labels of an object that belongs to one environment. */
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
