import { ownerOf, type StoredObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, type Deployment, isEnvironment, type RestAPI } from '../../resources/index.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';
import { ArgumentError } from '../terminal/argument-error.ts';

/** Reads names of components; none means all. @throws ArgumentError */
export function readComponents(words: readonly string[]): readonly ComponentName[] {
  const unknown = words.find((word) => !COMPONENTS.some((component) => component === word));
  if (unknown !== undefined) {
    throw new ArgumentError(`unknown component "${unknown}"; available: ${COMPONENTS.join(', ')}`);
  }
  return words.length === 0 ? COMPONENTS : COMPONENTS.filter((component) => words.includes(component));
}

/**
 * The Deployments to restart, with blue-green releases those of the active environment.
 * @param named components that must have a Deployment; empty: all components that have one
 * @throws Error for the user
 */
export function deploymentsToRestart(
  api: StoredObject<RestAPI>,
  deployments: readonly StoredObject<Deployment>[],
  named: readonly string[],
): StoredObject<Deployment>[] {
  const { namespace, name, uid } = api.metadata;
  const active = api.status?.activeEnvironment;
  const environment = isEnvironment(active) ? active : 'main';
  const found = readComponents(named).flatMap((component) => {
    const wanted = environmentObjectName(api, component, environment);
    const deployment = deployments.find((each) => each.metadata.name === wanted && ownerOf(each)?.uid === uid);
    if (!deployment && named.length > 0) {
      const why = api.spec[component].enabled ? 'the operator has not created it yet' : 'the component is disabled';
      throw new Error(`RestAPI ${namespace}/${name} has no Deployment ${wanted}: ${why}`);
    }
    return deployment ?? [];
  });
  if (found.length === 0) throw new Error(`RestAPI ${namespace}/${name} has no Deployment yet: nothing to restart`);
  return found;
}
