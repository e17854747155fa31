import type { JsonSchema } from './json-schema.ts';

/** Merges the schemas of several rules for one value. CEL rules add up; the tighter of two bounds wins, else the later one. */
export function mergeSchemas(schemas: readonly JsonSchema[]): JsonSchema {
  const rules = schemas.flatMap((schema) => schema['x-kubernetes-validations'] ?? []);
  const lower = (name: 'minimum' | 'minLength' | 'minItems') =>
    tightest(
      schemas.map((schema) => schema[name]),
      Math.max,
    );
  const upper = (name: 'maximum' | 'maxLength' | 'maxItems') =>
    tightest(
      schemas.map((schema) => schema[name]),
      Math.min,
    );
  return defined({
    ...(Object.assign({}, ...schemas) as JsonSchema),
    minimum: lower('minimum'),
    maximum: upper('maximum'),
    minLength: lower('minLength'),
    maxLength: upper('maxLength'),
    minItems: lower('minItems'),
    maxItems: upper('maxItems'),
    'x-kubernetes-validations': rules.length > 0 ? rules : undefined,
  });
}

function tightest(bounds: (number | undefined)[], pick: (...bounds: number[]) => number): number | undefined {
  const given = bounds.filter((bound) => bound !== undefined);
  return given.length > 0 ? pick(...given) : undefined;
}

function defined(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
