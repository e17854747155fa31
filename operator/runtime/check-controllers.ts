import { controllerOptionsOf } from '../decorators/controller.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import { customResourceOf } from '../schema/index.ts';

/** @throws Error if two controllers reconcile one resource: each would overwrite the other's status for ever */
export function rejectSharedResources(controllers: readonly (Class | object)[]): void {
  const known = new Map<string, string>();
  for (const controller of controllers) {
    const controllerClass =
      typeof controller === 'function' ? (controller as Class) : (controller.constructor as Class);
    const { group, plural } = customResourceOf(controllerOptionsOf(controllerClass).resource);
    const resource = `${plural}.${group}`;
    const other = known.get(resource);
    if (other !== undefined) {
      throw new Error(
        `${other} and ${controllerClass.name} both reconcile ${resource}: each would overwrite the status that the other ` +
          'writes. Merge them into one controller, or give one of them a resource of its own.',
      );
    }
    known.set(resource, controllerClass.name);
  }
}
