import { stringify } from 'yaml';
import type { AnyClass } from './class-notes.ts';
import { customResourceOf } from './custom-resource.ts';
import { describedOnce } from './described-once.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaOf } from './schema-of.ts';
import { storedSchema } from './stored-schema.ts';

/**
 * Returns the CustomResourceDefinition (apiextensions.k8s.io/v1) of a class decorated with `@CustomResource`. The output for a
 * class is always the same, in the same order.
 *
 * @throws if the class is no custom resource, or a field has a rule that no schema can express
 */
export function crdOf(target: AnyClass) {
  const meta = customResourceOf(target);
  const { group, version, kind, plural, singular, shortNames, categories, scope, printerColumns, status, scale } = meta;
  const schema = describedOnce(storedSchema(schemaOf(target)));
  // The API server has its own schema for these and accepts no other rules for them.
  const known: Record<string, JsonSchema> = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    // The name is declared so that a rule can refer to it (fieldPath: '.metadata.name').
    metadata: { type: 'object', properties: { name: { type: 'string' } } },
  };
  // A class that does not declare its status may write any.
  const free: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const properties = { ...known, ...(status && { status: free }), ...schema.properties };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames && { shortNames }),
        ...(categories && { categories }),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(printerColumns && { additionalPrinterColumns: printerColumns }),
          ...((status || scale) && { subresources: { ...(status && { status: {} }), ...(scale && { scale }) } }),
          schema: { openAPIV3Schema: { ...schema, properties } },
        },
      ],
    },
  };
}

/** The CRD of a class as YAML. */
export function crdYaml(target: AnyClass): string {
  // No anchors: kubectl and people read the file. No folded lines: biome, which checks the file too, folds otherwise.
  // Kubernetes reads YAML 1.1, to which Off is false.
  return stringify(crdOf(target), { aliasDuplicateObjects: false, lineWidth: 0, compat: 'yaml-1.1' });
}
