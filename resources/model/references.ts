import type { Reference } from '../../operator/index.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { enabledComponents } from './enabled-components.ts';

/** Annotation of pods with a hash of the ConfigMaps and Secrets that their component references. */
export const REFERENCES_HASH = 'restapi.dev/references-hash';

/** A reference to a ConfigMap or Secret that pods of a component read variables from. */
export interface SourceOfVariables extends Reference {
  component: ComponentName;
  /** Path of the referencing field. */
  field: string;
  /** Whether pods start without it. */
  optional: boolean;
}

/** Returns the references of the enabled components to ConfigMaps and Secrets with variables. */
export function sourcesOfVariables(api: RestAPI): SourceOfVariables[] {
  return enabledComponents(api).flatMap((component) => {
    const { env = [], envFrom = [] } = api.spec[component];
    const at = `spec.${component}`;
    const named: [kind: string, field: string, source: { name: string; optional?: boolean } | undefined][] = [
      ...envFrom.flatMap(({ configMapRef, secretRef }, index): typeof named => [
        ['ConfigMap', `${at}.envFrom[${index}].configMapRef`, configMapRef],
        ['Secret', `${at}.envFrom[${index}].secretRef`, secretRef],
      ]),
      ...env.flatMap(({ valueFrom }, index): typeof named => [
        ['ConfigMap', `${at}.env[${index}].valueFrom.configMapKeyRef`, valueFrom?.configMapKeyRef],
        ['Secret', `${at}.env[${index}].valueFrom.secretKeyRef`, valueFrom?.secretKeyRef],
      ]),
    ];
    return named.flatMap(([kind, field, source]) =>
      source
        ? [{ apiVersion: 'v1', kind, name: source.name, component, field, optional: source.optional ?? false }]
        : [],
    );
  });
}
