import type { FieldError } from './field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import type { MapRules } from './map-rules.ts';
import { isQuantity, QUANTITY_MESSAGE } from './quantity.ts';
import { isFields, type Verdict, wrong } from './verdict.ts';

/** Checks number and values of a map's entries; the keys are checked by the rules that `@MapOf` adds to the field. */
export function validateMap({ values, maxProperties }: MapRules, map: unknown, path: string): Verdict {
  if (!isFields(map)) return wrong(path, 'must be a map', map);
  // Like the API server, which drops what is null. Made of entries, as assignment would lose a key such as `__proto__`.
  const entries = Object.entries(map).filter(([, value]) => value !== null);
  const errors: FieldError[] = [];
  if (entries.length > maxProperties)
    errors.push({ field: path, message: `must have at most ${maxProperties} entries` });
  for (const [key, value] of entries) {
    const message = scalarError(values, value);
    if (message) errors.push({ field: `${path}.${key}`, message: message, value });
  }
  return { errors, value: Object.fromEntries(entries) };
}

function scalarError(schema: JsonSchema, value: unknown): string | undefined {
  const { type, enum: allowed, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (schema['x-kubernetes-int-or-string']) return isQuantity(value) ? undefined : QUANTITY_MESSAGE;
  if (allowed && !allowed.includes(value as string)) return `must be one of ${allowed.join(', ')}`;
  if (type === 'string') return typeof value === 'string' ? stringError(schema, value) : 'must be a string';
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value))) return `must be of type ${type}`;
  if (value < minimum) return `must not be less than ${minimum}`;
  return value > maximum ? `must not be more than ${maximum}` : undefined;
}

function stringError({ minLength = 0, maxLength, pattern }: JsonSchema, value: string): string | undefined {
  const length = [...value].length;
  if (length < minLength) return `must have at least ${minLength} characters`;
  if (maxLength !== undefined && length > maxLength) return `must have at most ${maxLength} characters`;
  return pattern && !new RegExp(pattern, 'u').test(value) ? `must match ${pattern}` : undefined;
}
