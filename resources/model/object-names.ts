import { hashOf } from '../../operator/index.ts';
import type { EnvironmentName } from '../api/environment-name.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { Environment } from './environment.ts';

/** Name of the objects of one component that environments share: `<name>-<component>`. */
export function componentObjectName(api: RestAPI, component: ComponentName): string {
  return `${api.metadata.name}-${component}`;
}

/** Name of the objects of one component in one environment: `<name>-<component>[-<environment>]`. */
export function environmentObjectName(api: RestAPI, component: ComponentName, environment: EnvironmentName): string {
  return `${componentObjectName(api, component)}${suffix(environment)}`;
}

/** Suffix of the names of objects in an environment; empty for `main`. */
export function suffix(environment: EnvironmentName): string {
  return environment === 'main' ? '' : `-${environment}`;
}

/** Name of the ConfigMap with the variables of spec.envVars. */
export function environmentName({ api, name }: Environment): string {
  return `${api.metadata.name}-env${suffix(name)}`;
}

/** Name of the generated ServiceAccount of the pods. */
export function serviceAccountName(api: RestAPI): string {
  return `${api.metadata.name}-app`;
}

/** Name of the PersistentVolumeClaim of the repository. */
export function repositoryClaimName(api: RestAPI): string {
  return componentObjectName(api, 'repository');
}

/** Name of the front Service. */
export function frontName(api: RestAPI): string {
  return String(api.metadata.name);
}

/** Name of the preview Service. */
export function previewName(api: RestAPI): string {
  return `${api.metadata.name}-preview`;
}

/** Name of the ControllerRevision that holds a revision. */
export function revisionObjectName(api: RestAPI, revision: string): string {
  return `${api.metadata.name}-${revision}`;
}

/**
 * Returns the revision in the name of a ControllerRevision; undefined if it does not belong to the RestAPI.
 * @param restApi name of the RestAPI
 */
export function revisionHeldBy(objectName: string, restApi: string): string | undefined {
  const prefix = `${restApi}-`;
  return objectName.startsWith(prefix) ? objectName.slice(prefix.length) : undefined;
}

/** Name of the ConfigMap with the load history. */
export function scalingRecordName({ metadata }: RestAPI): string {
  return `${metadata.name}-scaling`;
}

const SOURCE_NAME_LENGTH = 63;

/**
 * Name of the copy of a ConfigMap with a certain content: `<name>-config-<source>-<hash>`.
 * @param hash of the content; null: the ConfigMap did not exist, and no object ever gets this name
 */
export function configMapCopyName({ metadata }: RestAPI, source: string, hash: string | null): string {
  // The part must end with a letter or digit, or the name would be invalid.
  const readable = source.slice(0, SOURCE_NAME_LENGTH).replace(/[-.]+$/, '');
  return `${metadata.name}-config-${readable}-${hashOf([source, hash])}`;
}
