import type { AnyClass } from './class-notes.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  jsonPath: string;
  description?: string;
  format?: string;
  /** 0 is always shown, more only with `-o wide`. */
  priority?: number;
}

/** What `@CustomResource` says of a class: its place in the API. */
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
  /** Gives the kind a status subresource: status is then written apart from spec, and `generation` counts spec changes. */
  status?: boolean;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
}

/** The options with the rest worked out; has all that a transport needs to address the kind. */
export interface CustomResourceMeta extends CustomResourceOptions {
  singular: string;
  namespaced: boolean;
  apiVersion: string;
}

const metaByClass = new WeakMap<AnyClass, CustomResourceMeta>();

/** Makes a class the description of a custom resource: the one source of its CRD and of its validation. */
export function CustomResource(options: CustomResourceOptions): ClassDecorator {
  return (target) => {
    metaByClass.set(target, {
      ...options,
      singular: options.singular ?? options.kind.toLowerCase(),
      namespaced: options.scope === 'Namespaced',
      apiVersion: `${options.group}/${options.version}`,
    });
  };
}

/** What `@CustomResource` said of the class. */
export function customResourceOf(target: AnyClass): CustomResourceMeta {
  const meta = findCustomResource(target);
  if (!meta)
    throw new Error(`${target.name} has no @CustomResource: decorate it, or pass the class of a custom resource`);
  return meta;
}

/** What `@CustomResource` said of the class, if it is there: parts of a resource have classes without. */
export function findCustomResource(target: AnyClass): CustomResourceMeta | undefined {
  return metaByClass.get(target);
}
