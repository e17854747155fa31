import { celList, celString } from './cel.ts';
import type { FieldRule } from './class-fields.ts';
import type { Json, JsonSchema, ValidationRule } from './json-schema.ts';
import { QUANTITY_SCHEMA } from './quantity.ts';
import { re2Source } from './re2.ts';

const INT32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

/**
 * The schema of each class-validator rule (and of ours). With a custom message, a rule that the schema would report as a bare
 * regular expression becomes CEL, so that the API server returns the same message.
 */
const RULES: Record<string, (rule: FieldRule, where: string) => JsonSchema | undefined> = {
  arrayMaxSize: ({ constraints: [maxItems] }) => ({ maxItems: maxItems as number }),
  arrayMinSize: ({ constraints: [minItems] }) => ({ minItems: minItems as number }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  // A custom equality function has no counterpart in a schema; class-validator does not expose it.
  arrayUnique: () => undefined,
  isArray: () => ({ type: 'array' }),
  isBoolean: () => ({ type: 'boolean' }),
  isDivisibleBy: ({ constraints: [multipleOf] }) => ({ multipleOf: multipleOf as number }),
  isEnum: ({ constraints: [values] }) => ({ enum: enumValues(values as Record<string, Json>) }),
  isIn: ({ constraints: [values] }) => ({ enum: [...(values as Json[])] }),
  isInt: () => ({ type: 'integer', format: 'int64' }),
  isInt32: () => ({ type: 'integer', format: 'int32', ...INT32 }),
  isIntOrString: () => ({ anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }),
  isLength: ({ constraints: [minLength, maxLength] }) => ({
    minLength: minLength as number,
    ...(maxLength !== undefined && { maxLength: maxLength as number }),
  }),
  isNegative: () => ({ maximum: 0, exclusiveMaximum: true }),
  isNotIn: ({ constraints: [values], message = 'is not allowed' }) =>
    cel({ rule: `!(self in ${celList(values as string[])})`, message }),
  isNumber: () => ({ type: 'number' }),
  isObject: () => ({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  isPositive: () => ({ minimum: 0, exclusiveMinimum: true }),
  isQuantity: () => QUANTITY_SCHEMA,
  isRFC3339: () => ({ format: 'date-time' }),
  isString: () => ({ type: 'string' }),
  matches: ({ constraints: [pattern], message }, where) => {
    const source = re2Source(pattern as RegExp, where);
    return message ? cel({ rule: `self.matches(${celString(source)})`, message }) : { pattern: source };
  },
  max: ({ constraints: [maximum] }) => ({ maximum: maximum as number }),
  maxLength: ({ constraints: [maxLength] }) => ({ maxLength: maxLength as number }),
  min: ({ constraints: [minimum] }) => ({ minimum: minimum as number }),
  minLength: ({ constraints: [minLength] }) => ({ minLength: minLength as number }),
};

const declared = new Map<string, (constraints: unknown[]) => JsonSchema>();

/**
 * Registers the schema of a custom validator (made with `ValidateBy` or `registerDecorator` under this name). Without it,
 * `crdOf` rejects classes that use the validator.
 *
 * @example
 * ```ts
 * declareRule('isEven', () => ({ multipleOf: 2 }));
 * ```
 */
export function declareRule(name: string, toSchema: (constraints: unknown[]) => JsonSchema): void {
  declared.set(name, toSchema);
}

/**
 * Converts a rule to a schema.
 *
 * @param where class and field, for errors
 * @throws Error if a schema cannot express the rule
 */
export function ruleSchema(rule: FieldRule, where: string): JsonSchema {
  if (rule.message?.includes('$')) {
    throw new Error(
      `${where}: the message of ${rule.name} has a placeholder ("$…"), which the API server cannot fill in: write the text out`,
    );
  }
  const schema = declared.get(rule.name)?.(rule.constraints) ?? RULES[rule.name]?.(rule, where);
  if (schema) return schema;
  throw new Error(
    `${where}: the rule ${rule.name} has no counterpart in a CRD's schema; use another, @ListType('set') for arrayUnique, @Cel with a check, or declareRule`,
  );
}

function cel(rule: ValidationRule): JsonSchema {
  return { 'x-kubernetes-validations': [rule] };
}

/** TypeScript's numeric enums also map numbers back to names, and those are no values of the enum. */
function enumValues(values: Record<string, Json>): Json[] {
  return Object.entries(values)
    .filter(([key]) => typeof values[String(values[key])] !== 'number' || !/^\d+$/.test(key))
    .map(([, value]) => value);
}
