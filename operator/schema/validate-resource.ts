import { type ValidationError, validateSync } from 'class-validator';
import type { CelRule } from './cel-rule.ts';
import { type ClassField, fieldsOf } from './class-fields.ts';
import { type AnyClass, notesOf, type ResourceClass } from './class-notes.ts';
import { findCustomResource } from './custom-resource.ts';
import { duplicates } from './duplicates.ts';
import type { FieldError } from './field-error.ts';
import { isRequired } from './schema-of.ts';
import { validateMap } from './validate-map.ts';
import { isFields, type Verdict, wrong } from './verdict.ts';

/**
 * Checks an object by the rules of its class, with the same verdict as the API server by the class's CRD: omitted fields
 * count as their defaults, null counts as omitted, and CEL rules are checked by their twins once everything else is valid.
 * The status of a resource is not checked, so that what the operator wrote there cannot stop it from reconciling.
 *
 * @returns the errors of each field, with paths as in the API server's messages; empty if the object is valid. Never throws
 *   because of the object's content.
 */
export function validateResource(target: AnyClass, object: unknown): FieldError[] {
  const meta = findCustomResource(target);
  if (!meta) return validate(target, object, '').errors;
  if (!isFields(object)) return wrong('', 'must be an object', object).errors;
  const { status, ...rest } = object;
  const { metadata } = object;
  if (!isFields(metadata) || typeof metadata.name !== 'string' || metadata.name === '') {
    return [{ field: 'metadata.name', message: 'is required' }];
  }
  return validate(target, meta.status ? rest : object, '').errors;
}

function validate(target: AnyClass, object: unknown, path: string): Verdict {
  if (!isFields(object)) return wrong(path, 'must be an object', object);
  const errors: FieldError[] = [];
  // Spread, unlike assignment, keeps a field that is called `__proto__` a field.
  const filled = { ...object };
  const simple: Record<string, unknown> = {};
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
    const verdict = validateParts(field, value, at);
    filled[name] = verdict.value;
    errors.push(...verdict.errors);
    // Nested values were checked above; class-validator sees only their number.
    if (!nested && !notes.map) simple[name] = value;
    else if (Array.isArray(value)) simple[name] = value.map(() => ({}));
  }
  errors.push(...classValidator(target, simple, path));
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
  if (nested && !list) return validate(nested, value, path);
  if (!nested || !Array.isArray(value)) {
    if (nested) return wrong(path, 'must be a list', value);
    return { errors: Array.isArray(value) ? duplicates(notes.schema, value, path) : [], value };
  }
  const verdicts = value.map((element, index) => validate(nested, element, `${path}[${index}]`));
  const elements = verdicts.map((verdict) => verdict.value);
  return {
    errors: [...verdicts.flatMap(({ errors }) => errors), ...duplicates(notes.schema, elements, path)],
    value: elements,
  };
}

/**
 * The instance is made here, field by field known to the class, and not by class-transformer: that one drops keys such
 * as `constructor`, and calls them where it finds them in a value (`new value.constructor()`), which throws.
 */
function classValidator(target: AnyClass, fields: Record<string, unknown>, path: string): FieldError[] {
  return check(target, fields).flatMap((error) => {
    const { property, value } = error;
    const field = path ? `${path}.${property}` : property;
    return elementErrors(target, property, value, field) ?? fieldErrors(error, field);
  });
}

function check(target: AnyClass, fields: Record<string, unknown>): ValidationError[] {
  const instance = Object.assign(new (target as ResourceClass)(), fields);
  return validateSync(instance, { skipUndefinedProperties: true, forbidUnknownValues: false });
}

/** Checks each element alone, since class-validator does not report which element of a list of simple values is invalid. */
function elementErrors(target: AnyClass, property: string, value: unknown, field: string): FieldError[] | undefined {
  const rules = fieldsOf(target).find(({ name }) => name === property)?.rules ?? [];
  if (!Array.isArray(value) || !rules.some(({ each }) => each)) return undefined;
  const errors = value.flatMap((element, index) =>
    check(target, { [property]: [element] })
      .filter((error) => error.property === property)
      .flatMap((error) => fieldErrors({ ...error, value: element }, `${field}[${index}]`)),
  );
  return errors.length > 0 ? errors : undefined;
}

/** If one of these fails, the value has another type, and errors of the other rules are noise. */
const TYPE_RULES = ['isArray', 'isBoolean', 'isInt', 'isInt32', 'isIntOrString', 'isNumber', 'isObject', 'isString'];

function fieldErrors(
  { property, constraints = {}, value }: Pick<ValidationError, 'property' | 'constraints' | 'value'>,
  field: string,
): FieldError[] {
  const failed = Object.entries(constraints).filter(([name]) => name !== 'nestedValidation');
  const type = failed.find(([name]) => TYPE_RULES.includes(name));
  return (type ? [type] : failed).map(([, message]) => ({
    field,
    // The field is named already, and by its whole path.
    message: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
    value,
  }));
}

function twins(rules: readonly CelRule[], value: unknown, path: string): FieldError[] {
  return rules.flatMap(({ check, describe, message, fieldPath = '' }) => {
    if (!check || check(value)) return [];
    return [{ field: `${path}${fieldPath}`.replace(/^\./, ''), message: describe?.(value) ?? message }];
  });
}

function isWithin(field: string, path: string): boolean {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}
