import type { JsonSchema } from './json-schema.ts';

/**
 * The schema with what is described in the same way at several places described in full only at the first: kubectl keeps
 * a copy of what it applies in an annotation, and takes no CRD of more than 256 KiB. A field itself keeps its own
 * description everywhere; only those within are left out.
 */
export function describedOnce(schema: JsonSchema, seen: Set<string> = new Set()): JsonSchema {
  const { description, default: _, ...rest } = schema;
  const content = JSON.stringify(rest);
  const again = schema.properties !== undefined && seen.has(content);
  if (schema.properties !== undefined) seen.add(content);
  const within = again ? bare(rest) : mapFields(rest, (field) => describedOnce(field, seen));
  return { ...schema, ...within };
}

function bare(schema: JsonSchema): JsonSchema {
  return mapFields(schema, ({ description: _, ...field }) => bare(field));
}

function mapFields(schema: JsonSchema, change: (field: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, change(field)])),
    }),
    ...(items && { items: change(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
  };
}
