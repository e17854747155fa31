import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './json-schema.ts';

type Fields = Record<string, unknown>;

/**
 * Returns a value as the API server stores it: missing fields have their defaults. A default is filled in before the fields
 * inside it are, as in the API server. The given value stays unchanged.
 */
export function withDefaults<T>(value: T, schema: JsonSchema): T {
  return mapFields(value, schema, (fields, { properties = {} }) => {
    const missing = Object.entries(properties).filter(
      ([name, property]) => property.default !== undefined && fields[name] === undefined,
    );
    const given = Object.fromEntries(missing.map(([name, property]) => [name, structuredClone(property.default)]));
    return eachField({ ...fields, ...given }, properties, withDefaults);
  });
}

/**
 * Returns a value without the fields that the API server would fill in with the same content. Values that differ in
 * defaults only give the same result, also after a new version of the schema has added a field with a default.
 */
export function withoutDefaults<T>(value: T, schema: JsonSchema): T {
  return mapFields(value, schema, (fields, { properties = {} }) => {
    const short = eachField(fields, properties, withoutDefaults);
    return Object.fromEntries(
      Object.entries(short).filter(([name, field]) => {
        const property = properties[name];
        if (property?.default === undefined) return true;
        return !isDeepStrictEqual(field, withoutDefaults(property.default as unknown, property));
      }),
    );
  });
}

/** Applies a change to an object of the schema, or to every item of a list or map. */
function mapFields<T>(value: T, schema: JsonSchema, change: (fields: Fields, schema: JsonSchema) => Fields): T {
  const { items, additionalProperties: values } = schema;
  if (Array.isArray(value)) {
    return (items ? value.map((item) => mapFields(item, items, change)) : value) as T;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (values) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapFields(item, values, change)])) as T;
  }
  return change(value as Fields, schema) as T;
}

function eachField(
  fields: Fields,
  properties: Record<string, JsonSchema>,
  change: (value: unknown, schema: JsonSchema) => unknown,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const property = properties[name];
      return [[name, property ? change(value, property) : value]];
    }),
  );
}
