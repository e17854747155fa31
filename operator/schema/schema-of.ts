import { celList, celString } from './cel.ts';
import { type ClassField, type FieldRule, fieldsOf } from './class-fields.ts';
import { type AnyClass, notesOf } from './class-notes.ts';
import type { Json, JsonSchema, ValidationRule } from './json-schema.ts';
import { QUANTITY_SCHEMA } from './quantity.ts';

/**
 * What each of class-validator's rules (and ours) is in a structural schema. Where the author gave a message, a rule
 * that the schema would answer with a bare regular expression becomes CEL, so that the API server says the same.
 */
const RULES: Record<string, (rule: FieldRule) => JsonSchema> = {
  arrayMaxSize: ({ constraints: [maxItems] }) => ({ maxItems: maxItems as number }),
  arrayMinSize: ({ constraints: [minItems] }) => ({ minItems: minItems as number }),
  isArray: () => ({ type: 'array' }),
  isBoolean: () => ({ type: 'boolean' }),
  isEnum: ({ constraints: [values] }) => ({ enum: Object.values(values as Record<string, Json>) }),
  isIn: ({ constraints: [values] }) => ({ enum: [...(values as Json[])] }),
  isInt: () => ({ type: 'integer', format: 'int64' }),
  isInt32: () => ({ type: 'integer', format: 'int32' }),
  isIntOrString: () => ({ anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }),
  isNotIn: ({ constraints: [values], message }) =>
    cel({ rule: `!(self in ${celList(values as string[])})`, message: message ?? 'is not allowed' }),
  isNumber: () => ({ type: 'number' }),
  isObject: () => ({ type: 'object' }),
  isQuantity: () => ({ ...QUANTITY_SCHEMA }),
  isRFC3339: () => ({ format: 'date-time' }),
  isString: () => ({ type: 'string' }),
  matches: ({ constraints: [pattern], message }) => {
    const { source } = pattern as RegExp;
    return message ? cel({ rule: `self.matches(${celString(source)})`, message }) : { pattern: source };
  },
  max: ({ constraints: [maximum] }) => ({ maximum: maximum as number }),
  maxLength: ({ constraints: [maxLength] }) => ({ maxLength: maxLength as number }),
  min: ({ constraints: [minimum] }) => ({ minimum: minimum as number }),
  minLength: ({ constraints: [minLength] }) => ({ minLength: minLength as number }),
};

/**
 * The structural OpenAPI v3 schema of a class.
 * @throws if a rule on a field has no counterpart in a schema, naming class, field and rule
 */
export function schemaOf(target: AnyClass): JsonSchema {
  const { description, cel: rules } = notesOf(target);
  const fields = fieldsOf(target);
  const required = fields.filter(isRequired).map(({ name }) => name);
  return {
    ...(description && { description }),
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(target, field)])),
    ...validations(rules),
  };
}

/** A field that must be given: neither optional nor filled in by the API server. */
export function isRequired({ optional, notes }: ClassField): boolean {
  return !optional && notes.default === undefined;
}

function fieldSchema(target: AnyClass, field: ClassField): JsonSchema {
  const { rules, nested, list, notes } = field;
  const own = merge(rules.filter(({ each }) => !each).map((rule) => ruleSchema(target, field, rule)));
  const ofElements = merge(rules.filter(({ each }) => each).map((rule) => ruleSchema(target, field, rule)));
  const value = nested ? schemaOf(nested) : ofElements;
  const shape: JsonSchema = list ? { type: 'array', items: value } : nested ? value : {};
  const map: JsonSchema = notes.map
    ? { type: 'object', additionalProperties: notes.map.values, maxProperties: notes.map.maxProperties }
    : {};
  return {
    ...merge([shape, map, own, notes.schema ?? {}, validations(notes.cel)]),
    ...(notes.description && { description: notes.description }),
    ...(notes.default && { default: notes.default.value }),
  };
}

function ruleSchema(target: AnyClass, { name }: ClassField, rule: FieldRule): JsonSchema {
  const toSchema = RULES[rule.name];
  if (toSchema) return toSchema(rule);
  throw new Error(
    `${target.name}.${name}: the rule ${rule.name} has no counterpart in a CRD's schema; use another, or @Cel with a check`,
  );
}

/** Joins schemas; CEL rules add up, of everything else the later one wins. */
function merge(schemas: JsonSchema[]): JsonSchema {
  const rules = schemas.flatMap((schema) => schema['x-kubernetes-validations'] ?? []);
  return Object.assign({}, ...schemas, rules.length > 0 && { 'x-kubernetes-validations': rules });
}

function validations(rules: readonly ValidationRule[]): JsonSchema {
  if (rules.length === 0) return {};
  const written = rules.map(
    ({ rule, message, messageExpression, fieldPath, reason, optionalOldSelf }): ValidationRule => ({
      rule,
      ...(message && { message }),
      ...(messageExpression && { messageExpression }),
      ...(fieldPath && { fieldPath }),
      ...(reason && { reason }),
      ...(optionalOldSelf && { optionalOldSelf }),
    }),
  );
  return { 'x-kubernetes-validations': written };
}

function cel(rule: ValidationRule): JsonSchema {
  return { 'x-kubernetes-validations': [rule] };
}
