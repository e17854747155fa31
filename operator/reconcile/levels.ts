import type { Class } from '../decorators/dependent-resource.ts';

/**
 * Sorts dependents into levels: each comes after all it depends on; dependents of one level are applied concurrently.
 *
 * @throws Error if dependents depend on each other in a cycle, or on one that is not registered for the same primary
 */
export function levels<T extends { dependentClass: Class; dependsOn?: readonly Class[] }>(
  dependents: readonly T[],
): T[][] {
  const known = new Set<Class>(dependents.map(({ dependentClass }) => dependentClass));
  for (const { dependentClass, dependsOn = [] } of dependents) {
    for (const needed of dependsOn) {
      if (!known.has(needed)) {
        throw new Error(
          `${dependentClass.name} depends on ${needed.name}, which is not registered for the same primary resource: decorate ` +
            'it with @DependentResource for that resource, or remove it from dependsOn',
        );
      }
    }
  }
  const result: T[][] = [];
  const placed = new Set<Class>();
  let left = [...dependents];
  while (left.length > 0) {
    const level = left.filter(({ dependsOn = [] }) => dependsOn.every((needed) => placed.has(needed)));
    if (level.length === 0) {
      const names = left.map(({ dependentClass }) => dependentClass.name).join(', ');
      throw new Error(`These dependents depend on each other in a cycle: ${names}. Remove one of their dependsOn.`);
    }
    for (const { dependentClass } of level) placed.add(dependentClass);
    left = left.filter(({ dependentClass }) => !placed.has(dependentClass));
    result.push(level);
  }
  return result;
}
