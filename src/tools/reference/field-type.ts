import { type JsonSchema, QUANTITY_SCHEMA } from '../../../operator/index.ts';

const INT32_MAX = 2 ** 31 - 1;
const QUANTITY_RULE = QUANTITY_SCHEMA['x-kubernetes-validations']?.[0]?.rule;

/** Returns the type of a field for readers, such as `list of objects` or `quantity`. */
export function typeOf(schema: JsonSchema): string {
  const { type, format, items, additionalProperties } = schema;
  if (items) return `list of ${typeOf(items)}s`;
  if (additionalProperties) return `map of ${plural(typeOf(additionalProperties))}`;
  if (schema['x-kubernetes-int-or-string']) return isQuantity(schema) ? 'quantity' : 'integer or string';
  return format === 'date-time' ? 'timestamp' : (type ?? 'any');
}

function plural(type: string): string {
  return type.endsWith('y') ? `${type.slice(0, -1)}ies` : `${type}s`;
}

function isQuantity(schema: JsonSchema): boolean {
  return (schema['x-kubernetes-validations'] ?? []).some(({ rule }) => rule === QUANTITY_RULE);
}

/** Returns the messages of the validation rules of a field, each after the path of the field that it names. */
export function rejectionsOf(schema: JsonSchema, path: string): string[] {
  return (schema['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => rule !== QUANTITY_RULE)
    .map(({ message = '', fieldPath = '' }) => `\`${path}${fieldPath}\`: ${message}`);
}

/**
 * Returns the limits of a field as phrases in Markdown, such as `1 to 65535`; those of quantities are in their
 * notation.
 */
export function limitsOf(schema: JsonSchema): string[] {
  const { items, additionalProperties, maxProperties } = schema;
  return [
    ...scalarLimits(schema),
    ...range(schema.minItems, schema.maxItems, 'items'),
    ...(items && !items.properties ? scalarLimits(items).map((limit) => `each item: ${limit}`) : []),
    ...range(undefined, maxProperties, 'entries'),
    ...(additionalProperties ? scalarLimits(additionalProperties).map((limit) => `each value: ${limit}`) : []),
  ];
}

function scalarLimits(schema: JsonSchema): string[] {
  if (isQuantity(schema)) return [];
  const { minimum, maximum, minLength, maxLength, pattern } = schema;
  if (schema.enum) return [schema.enum.map((value) => `\`${value}\``).join(', ')];
  return [
    ...range(minimum === -INT32_MAX - 1 ? undefined : minimum, maximum === INT32_MAX ? undefined : maximum),
    ...range(minLength, maxLength, 'characters'),
    ...(pattern ? [`pattern \`${pattern}\``] : []),
  ];
}

function range(least: number | undefined, most: number | undefined, unit?: string): string[] {
  const after = unit ? ` ${unit}` : '';
  if (least === undefined) return most === undefined ? [] : [`at most ${most}${after}`];
  if (most === undefined) return [`at least ${least}${after}`];
  return [`${least} to ${most}${after}`];
}
