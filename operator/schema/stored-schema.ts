import { stringify } from 'yaml';
import type { Json, JsonSchema } from './json-schema.ts';

/**
 * Returns the schema for the API server, with only those defaults that it can store without a trace of earlier versions of an
 * object: scalars of objects that clients merge field by field. A stored object or list would be merged with what is given
 * later; an element of a list, or an object whose presence means something, would outlive the fields that were given.
 * `withDefaults` fills in the others when an object is read. The descriptions name all defaults.
 */
export function storedSchema(schema: JsonSchema): JsonSchema {
  return reduce(schema, true);
}

function reduce({ default: value, ...schema }: JsonSchema, storable: boolean): JsonSchema {
  const within = storable && schema['x-kubernetes-map-type'] !== 'atomic';
  return {
    ...schema,
    ...described(schema.description, value),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, field]) => [name, reduce(field, within)]),
      ),
    }),
    ...(schema.items && { items: reduce(schema.items, false) }),
    ...(storable && value !== undefined && isScalar(value) && { default: value }),
  };
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== 'object';
}

/** `kubectl explain` shows no defaults. Those of an empty object are those of its fields. */
function described(description: string | undefined, value: Json | undefined): { description?: string } {
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return description === undefined ? {} : { description };
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return { description: `${description ? `${description} ` : ''}Default: ${text}.` };
}
