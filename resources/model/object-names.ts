import type { EnvironmentName } from '../api/environment-name.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { Environment } from './environment.ts';

/** Name of what is generated for one component, whatever the environment: `<name>-<component>`. */
export function componentObjectName(api: RestAPI, component: ComponentName): string {
  return `${api.metadata.name}-${component}`;
}

/** Name of what is generated for one component in one environment: `<name>-<component>[-<environment>]`. */
export function environmentObjectName(api: RestAPI, component: ComponentName, environment: EnvironmentName): string {
  return `${componentObjectName(api, component)}${suffix(environment)}`;
}

/** Objects of `main` have the names they would have without environments. */
export function suffix(environment: EnvironmentName): string {
  return environment === 'main' ? '' : `-${environment}`;
}

/** Name of the ConfigMap with the variables of spec.envVars. */
export function environmentName({ api, name }: Environment): string {
  return `${api.metadata.name}-env${suffix(name)}`;
}

/** Name of the account the pods run as. */
export function serviceAccountName(api: RestAPI): string {
  return `${api.metadata.name}-app`;
}

/** Name of the claim on the repository's volume. */
export function repositoryClaimName(api: RestAPI): string {
  return componentObjectName(api, 'repository');
}

/** Name of the Service in front of all components. */
export function frontName(api: RestAPI): string {
  return String(api.metadata.name);
}

/** Name of the Service in front of the environment that is not active. */
export function previewName(api: RestAPI): string {
  return `${api.metadata.name}-preview`;
}

/** Name of the ControllerRevision that holds a revision. */
export function revisionObjectName(api: RestAPI, revision: string): string {
  return `${api.metadata.name}-${revision}`;
}

/**
 * The revision that a ControllerRevision of this name holds; undefined: it is none of a RestAPI.
 * @param restApi the RestAPI's name
 */
export function revisionHeldBy(objectName: string, restApi: string): string | undefined {
  const prefix = `${restApi}-`;
  return objectName.startsWith(prefix) ? objectName.slice(prefix.length) : undefined;
}

/** Name of the ConfigMap with what was learned of the load. */
export function scalingRecordName({ metadata }: RestAPI): string {
  return `${metadata.name}-scaling`;
}
