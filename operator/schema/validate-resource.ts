import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { CelRule } from './cel.ts';
import { type ClassField, fieldsOf } from './class-fields.ts';
import { type AnyClass, notesOf, type ResourceClass } from './class-notes.ts';
import type { FieldError } from './field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { isQuantity } from './quantity.ts';
import { isRequired } from './schema-of.ts';

type Fields = Record<string, unknown>;

/**
 * Checks an object by the rules of its class, with the verdict the API server gives by the class's CRD: fields left
 * out count as their defaults, null counts as left out, and CEL rules are checked by their twins where all else is well.
 *
 * @returns what is wrong, field by field, with paths as in the API server's messages; empty if nothing is. Never throws
 *   for what is in the object.
 */
export function validateResource(target: AnyClass, object: unknown): FieldError[] {
  return validate(target, object, '').errors;
}

interface Verdict {
  errors: FieldError[];
  /** The value with defaults filled in, for rules that look at it as a whole. */
  value: unknown;
}

function validate(target: AnyClass, object: unknown, path: string): Verdict {
  if (!isFields(object)) return wrong(path, 'must be an object', object);
  const errors: FieldError[] = [];
  const filled: Fields = { ...object };
  const flat: Fields = {};
  for (const field of fieldsOf(target)) {
    const { name, notes, nested } = field;
    const at = path ? `${path}.${name}` : name;
    const given = Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
    const value = given === undefined && notes.default ? structuredClone(notes.default.value) : given;
    if (value === undefined) {
      delete filled[name];
      if (isRequired(field)) errors.push({ field: at, message: 'is required' });
      continue;
    }
    const verdict = nested || notes.map ? validateParts(field, value, at) : { errors: [], value };
    filled[name] = verdict.value;
    errors.push(...verdict.errors);
    // What has parts of its own is checked above; class-validator sees only how many there are.
    if (!nested && !notes.map) flat[name] = value;
    else if (Array.isArray(value)) flat[name] = value.map(() => ({}));
  }
  const bad = validateSync(plainToInstance(target as ResourceClass, flat), { skipUndefinedProperties: true });
  errors.push(...bad.flatMap((error) => fieldErrors(error, path)));
  for (const { name, notes } of fieldsOf(target)) {
    const at = path ? `${path}.${name}` : name;
    if (!Object.hasOwn(filled, name) || errors.some(({ field }) => isWithin(field, at))) continue;
    errors.push(...twins(notes.cel, filled[name], at));
  }
  if (errors.length === 0) errors.push(...twins(notesOf(target).cel, filled, path));
  return { errors, value: filled };
}

function validateParts({ nested, list, notes }: ClassField, value: unknown, path: string): Verdict {
  if (notes.map) return validateMap(notes.map, value, path);
  if (!list) return validate(nested as AnyClass, value, path);
  if (!Array.isArray(value)) return wrong(path, 'must be a list', value);
  const verdicts = value.map((element, index) => validate(nested as AnyClass, element, `${path}[${index}]`));
  const errors = verdicts.flatMap((verdict) => verdict.errors);
  const elements = verdicts.map((verdict) => verdict.value);
  return { errors: [...errors, ...duplicates(notes.schema, elements, path)], value: elements };
}

function duplicates(schema: JsonSchema | undefined, elements: unknown[], path: string): FieldError[] {
  const keys = schema?.['x-kubernetes-list-map-keys'];
  if (!keys) return [];
  const seen = new Set<string>();
  return elements.flatMap((element, index) => {
    const key = JSON.stringify(keys.map((name) => (element as Fields | null)?.[name]));
    if (seen.has(key))
      return [{ field: `${path}[${index}]`, message: `duplicates an earlier entry: ${keys.join(', ')} must differ` }];
    seen.add(key);
    return [];
  });
}

function validateMap(
  { values, valueMessage, maxProperties }: NonNullable<ClassField['notes']['map']>,
  map: unknown,
  path: string,
): Verdict {
  if (!isFields(map)) return wrong(path, 'must be a map', map);
  const errors: FieldError[] = [];
  const entries = Object.entries(map);
  if (entries.length > maxProperties)
    errors.push({ field: path, message: `must have at most ${maxProperties} entries` });
  for (const [key, value] of entries) {
    const message = scalarError(values, value);
    if (message) errors.push({ field: `${path}.${key}`, message: valueMessage ?? message, value });
  }
  // The map itself, not a copy: a copy by assignment would lose a key such as `__proto__`.
  return { errors, value: map };
}

function scalarError(schema: JsonSchema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string']) return isQuantity(value) ? undefined : 'must be an amount';
  if (schema.type === 'string') {
    if (typeof value !== 'string') return 'must be a string';
    if ([...value].length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
      return `must have at most ${schema.maxLength} characters`;
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return `must match ${schema.pattern}`;
    return undefined;
  }
  return typeof value === schema.type ? undefined : `must be a ${schema.type}`;
}

function fieldErrors({ property, constraints, value }: ValidationError, path: string): FieldError[] {
  const field = path ? `${path}.${property}` : property;
  // Failures of parts come without constraints of their own and were reported with their own paths.
  return Object.entries(constraints ?? {})
    .filter(([name]) => name !== 'nestedValidation' && name !== 'unknownValue')
    .map(([, message]) => ({ field, message, value }));
}

function twins(rules: readonly CelRule[], value: unknown, path: string): FieldError[] {
  return rules.flatMap(({ check, describe, message, fieldPath = '' }) => {
    if (!check || check(value)) return [];
    return [{ field: `${path}${fieldPath}`.replace(/^\./, ''), message: describe?.(value) ?? message }];
  });
}

function wrong(field: string, message: string, value: unknown): Verdict {
  return { errors: [{ field, message, value }], value };
}

function isWithin(field: string, path: string): boolean {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
