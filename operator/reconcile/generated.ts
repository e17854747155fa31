import {
  type AnyDependent,
  type Class,
  type DependentRegistration,
  dependentsOf,
} from '../decorators/dependent-resource.ts';
import { type KubernetesObject, keyOf, RETAINED_FOR, type StoredObject } from '../kubernetes-object.ts';
import { parseApiVersion, pluralOf, type ResourceType } from '../resource/resource-type.ts';
import { customResourceOf } from '../schema/custom-resource.ts';
import { type DesiredObject, desiredObject, type Ownership } from './desired-object.ts';

/** A registered dependent with an instance and the type it generates. @internal */
export interface BoundDependent extends DependentRegistration {
  instance: AnyDependent;
  type: ResourceType;
}

/** The output of a dependent. */
export interface Description {
  desired: DesiredObject[];
  /** Fields that another client sets, see `Dependent.externallyManaged`. */
  externallyManaged: readonly string[];
}

/**
 * Instantiates the dependents registered for a primary resource class.
 * @throws Error if one generates cluster-scoped objects for a namespaced primary: the garbage collector would not find their owner
 *   and delete them
 * @internal
 */
export function bindDependents(primary: Class): BoundDependent[] {
  const owner = customResourceOf(primary);
  return dependentsOf(primary).map((registration) => {
    const { group, version } = parseApiVersion(registration.apiVersion);
    const { kind, plural = pluralOf(kind), namespaced = true, dependentClass } = registration;
    if (owner.namespaced && !namespaced) {
      throw new Error(
        `${dependentClass.name} generates ${kind}, which is cluster-scoped, for ${owner.kind}, which is namespaced: Kubernetes allows ` +
          `no such owner and would delete it. Make ${owner.kind} cluster-scoped, or generate a namespaced kind.`,
      );
    }
    const type = { group, version, kind, plural, namespaced };
    return { ...registration, type, instance: new registration.dependentClass() };
  });
}

/** The marks that an operator of this name adds to generated objects. @internal */
export function ownershipOf(primary: Class, fieldManager: string): Ownership {
  const { group } = customResourceOf(primary);
  return {
    fieldManager,
    hashAnnotation: `${group}/applied-hash`,
    dependentAnnotation: `${group}/dependent`,
    retainedAnnotation: `${group}${RETAINED_FOR}`,
    generationAnnotation: `${group}/made-for`,
    termAnnotation: `${group}/leader-term`,
    givenUpAnnotation: `${group}/given-up-fields`,
  };
}

/**
 * Collects the desired objects of one primary, by dependent.
 *
 * @throws Error if two dependents describe the same object, and whatever a dependent's method throws
 */
export function describe<D extends BoundDependent>(
  dependents: readonly D[],
  primary: StoredObject,
  decision: unknown,
  ownership: Ownership,
): Map<D, Description> {
  const authors = new Map<string, string>();
  const descriptions = new Map<D, Description>();
  for (const dependent of dependents) {
    const { instance, type, apiVersion, kind, dependentClass } = dependent;
    const wanted = instance.when?.(primary, decision) ?? true;
    const described = wanted ? [instance.desired(primary, decision) ?? []].flat() : [];
    const retained = instance.retain?.(primary, decision) ?? false;
    const externallyManaged = instance.externallyManaged?.(primary, decision) ?? [];
    const identity = {
      apiVersion,
      kind,
      namespaced: type.namespaced,
      dependent: dependentClass.name,
      retained,
      externallyManaged,
    };
    const desired = described.map((object) => desiredObject(object, identity, primary, ownership));
    for (const { metadata } of desired) {
      const id = `${kind} ${keyOf({ metadata })}`;
      const author = authors.get(id);
      if (author)
        throw new Error(`${author} and ${dependentClass.name} both describe ${id}: give one of them another name`);
      authors.set(id, dependentClass.name);
    }
    descriptions.set(dependent, { desired, externallyManaged });
  }
  return descriptions;
}

/**
 * Renders the objects that an operator of this name would apply for a primary. Needs no cluster: for display, comparison and dry
 * runs.
 *
 * @param decision as the controller would pass to `context.apply`
 */
export function generatedFor<P extends KubernetesObject>(
  primaryClass: Class<P>,
  primary: StoredObject<P>,
  decision: unknown,
  fieldManager: string,
): { type: ResourceType; object: DesiredObject }[] {
  const ownership = ownershipOf(primaryClass, fieldManager);
  const descriptions = describe(bindDependents(primaryClass), primary, decision, ownership);
  return [...descriptions].flatMap(([{ type }, { desired }]) => desired.map((object) => ({ type, object })));
}
