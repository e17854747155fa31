import { ValidateBy } from 'class-validator';
import { celString } from './cel.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * Kubernetes' notation of quantities, without a sign: no field here may be negative. The number of digits is bounded because
 * the API server truncates longer ones silently.
 */
const NOTATION = /^([0-9]{1,18}(\.[0-9]{0,9})?|\.[0-9]{1,9})([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$/;

/** The error for a value that is not a quantity. */
export const QUANTITY_MESSAGE = 'must be an amount such as 500m, 1.5 or 256Mi, and not negative';

/** The schema of a quantity: a string such as `500m` or `1Gi`, or a plain whole number. */
export const QUANTITY_SCHEMA: JsonSchema = {
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  maxLength: 32,
  'x-kubernetes-int-or-string': true,
  // A number as well: its sign does not match.
  'x-kubernetes-validations': [
    { rule: `string(self).matches(${celString(NOTATION.source)})`, message: QUANTITY_MESSAGE },
  ],
};

/**
 * Requires an amount of a resource: `500m`, `1.5`, `256Mi`, or a whole number. Negative amounts are rejected.
 *
 * @example
 * ```ts
 * \@Quantity()
 * memory!: string | number;
 * ```
 */
export function Quantity(): PropertyDecorator {
  return ValidateBy({
    name: 'isQuantity',
    validator: {
      validate: isQuantity,
      defaultMessage: () => `$property ${QUANTITY_MESSAGE}`,
    },
  });
}

/** Whether a value is a non-negative amount in Kubernetes' notation. */
export function isQuantity(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  return typeof value === 'string' && value.length <= 32 && NOTATION.test(value);
}

const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** All amounts are counted in units of 10^-108 (the smallest: nine decimals and an exponent of -99), which makes them exact integers. */
const SCALE = 108;

/** Compares two amounts exactly. @returns a negative number, zero or a positive number if `a` is less than, equal to or greater than `b` */
export function compareQuantities(a: string | number, b: string | number): number {
  const left = scaled(a);
  const right = scaled(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Converts an amount to a number, as exactly as a number can be: `500m` is 0.5, `1Ki` is 1024. */
export function quantityValue(quantity: string | number): number {
  const [, digits = '0', suffix = ''] = /^([0-9.]*)(.*)$/.exec(String(quantity)) ?? [];
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) return Number(digits) * 1024 ** (binary + 1);
  return Number(digits) * 10 ** (DECIMAL[suffix] ?? (suffix ? Number(suffix.slice(1)) : 0));
}

function scaled(quantity: string | number): bigint {
  const [, whole = '', fraction = '', suffix = ''] = /^([0-9]*)\.?([0-9]*)(.*)$/.exec(String(quantity)) ?? [];
  const digits = BigInt(whole + fraction);
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) return digits * 1024n ** BigInt(binary + 1) * 10n ** BigInt(SCALE - fraction.length);
  const exponent = DECIMAL[suffix] ?? (suffix ? Number(suffix.slice(1)) : 0);
  return digits * 10n ** BigInt(SCALE + exponent - fraction.length);
}
