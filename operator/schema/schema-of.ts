import { type ClassField, fieldsOf } from './class-fields.ts';
import { type AnyClass, notesOf, type ResourceClass } from './class-notes.ts';
import { findCustomResource } from './custom-resource.ts';
import type { JsonSchema, ValidationRule } from './json-schema.ts';
import { mergeSchemas } from './merge-schemas.ts';
import { re2Source } from './re2.ts';
import { ruleSchema } from './rule-schemas.ts';

/** What every resource has and the API server checks itself. */
const KNOWN = ['apiVersion', 'kind', 'metadata'];

/**
 * The structural OpenAPI v3 schema of a class.
 *
 * @throws Error if a rule on a field has no counterpart in a schema or a field has no type, naming class and field
 */
export function schemaOf(target: AnyClass): JsonSchema {
  const { description, cel: rules } = notesOf(target);
  const fields = fieldsOf(target);
  const known = findCustomResource(target) ? KNOWN : [];
  // Works only if the compiler defines fields (target ES2022 or later); otherwise undecorated fields go unnoticed.
  const silent = Object.keys(new (target as ResourceClass)()).find(
    (name) => !known.includes(name) && !fields.some((field) => field.name === name),
  );
  if (silent)
    throw new Error(
      `${target.name}.${silent} has no rules, so the API server would drop the field: add a decorator such as @IsString()`,
    );
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

function fieldSchema(target: AnyClass, { name, rules, nested, list, notes }: ClassField): JsonSchema {
  const where = `${target.name}.${name}`;
  // With classes of their own in the list, `each` rules of ours are theirs to make.
  const own = rules.filter(({ each }) => !each).map((rule) => ruleSchema(rule, where));
  const ofElements = rules.filter(({ each }) => each).map((rule) => ruleSchema(rule, where));
  const value = nested ? schemaOf(nested) : mergeSchemas(ofElements);
  const shape = list ? { type: 'array' as const, items: value } : nested ? value : {};
  const schema = mergeSchemas([shape, mapSchema(notes, where), ...own, notes.schema ?? {}, validations(notes.cel)]);
  if (!hasType(schema) || (list && !hasType(value))) {
    throw new Error(`${where} has no type: add @IsString(), @Int32(), @ValidateNested() or the like`);
  }
  return {
    ...schema,
    ...(notes.description && { description: notes.description }),
    ...(notes.default && { default: notes.default.value }),
  };
}

function mapSchema({ map }: ClassField['notes'], where: string): JsonSchema {
  if (!map) return {};
  re2Source(map.keys.pattern, where);
  return { type: 'object', additionalProperties: map.values, maxProperties: map.maxProperties };
}

function hasType(schema: JsonSchema): boolean {
  return schema.type !== undefined || schema['x-kubernetes-int-or-string'] === true;
}

/** Only what belongs into the CRD, and not the operator's twins. */
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
