import { type ComponentName, copiesOf, type Environment, type RestAPI } from '../../../resources/index.ts';
import { type Contents, contentKey, sourcesOfVariables } from '../../../resources/model/references.ts';
import { forPods } from '../../../resources/templates/reference-for-pods.ts';
import type { Observed } from '../../../src/blue-green/observed.ts';
import type { NamedConfigMap } from './model-deployment.ts';

/** What copies would hold that were made now. The model knows contents by their hashes only. */
export function copiesNow(api: RestAPI, contents: Contents): Observed['configMaps'] {
  const hashes = sourcesOfVariables(api).map((source) => [contentKey(source), contents[contentKey(source)] ?? null]);
  return Object.fromEntries(
    copiesOf(api, Object.fromEntries(hashes)).map(({ name, hash }) => [name, { data: { content: hash } }]),
  );
}

/** The ConfigMaps that pods read variables from, apart from that of spec.envVars. */
export function configMapsOf(environment: Environment, component: ComponentName): NamedConfigMap[] {
  const { envFrom = [] } = environment.api.spec[component];
  return envFrom.flatMap((source) => forPods(environment, source).configMapRef ?? []);
}
