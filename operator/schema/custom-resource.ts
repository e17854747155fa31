import type { AnyClass } from './class-notes.ts';
import { withDefaults } from './with-defaults.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  jsonPath: string;
  description?: string;
  format?: string;
  /** 0: always shown; greater: only with `-o wide`. */
  priority?: number;
}

/** The options of `@CustomResource`: the place of the kind in the API. */
export interface CustomResourceOptions {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular?: string;
  shortNames?: string[];
  categories?: string[];
  scope: 'Namespaced' | 'Cluster';
  printerColumns?: PrinterColumn[];
  /** Adds the status subresource: status is written separately from spec, and `generation` counts spec changes. */
  status?: boolean;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
}

/** The options with defaults filled in: all that is needed to address the kind. */
export interface CustomResourceMeta extends CustomResourceOptions {
  singular: string;
  namespaced: boolean;
  apiVersion: string;
  /** Fills in the defaults of the class, see withDefaults(). */
  complete: <T>(object: T) => T;
}

const metaByClass = new WeakMap<AnyClass, CustomResourceMeta>();

/**
 * Makes a class the description of a custom resource: the single source of its CRD and of its validation.
 *
 * @example
 * ```ts
 * \@CustomResource({ group: 'example.com', version: 'v1', kind: 'Greeting', plural: 'greetings', scope: 'Namespaced' })
 * export class Greeting implements KubernetesObject {
 *   metadata?: ObjectMeta;
 *   \@Description('What to greet with.')
 *   \@ValidateNested()
 *   \@Type(() => GreetingSpec)
 *   spec!: GreetingSpec;
 * }
 * ```
 */
export function CustomResource(options: CustomResourceOptions): ClassDecorator {
  return (target) => {
    metaByClass.set(target, {
      ...options,
      singular: options.singular ?? options.kind.toLowerCase(),
      namespaced: options.scope === 'Namespaced',
      apiVersion: `${options.group}/${options.version}`,
      complete: (object) => withDefaults(target, object),
    });
  };
}

/** The options that `@CustomResource` was given for a class. @throws Error if the class is not decorated */
export function customResourceOf(target: AnyClass): CustomResourceMeta {
  const meta = findCustomResource(target);
  if (!meta)
    throw new Error(`${target.name} has no @CustomResource: decorate it, or pass the class of a custom resource`);
  return meta;
}

/** The options that `@CustomResource` was given for a class; undefined for the class of a part of a resource. */
export function findCustomResource(target: AnyClass): CustomResourceMeta | undefined {
  return metaByClass.get(target);
}
