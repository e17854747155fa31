import { ValidateBy } from 'class-validator';

/**
 * Requires a whole number or a string, such as `1` or `25%`.
 *
 * @example
 * ```ts
 * \@IntOrString()
 * maxUnavailable!: number | string;
 * ```
 */
export function IntOrString(): PropertyDecorator {
  return ValidateBy({
    name: 'isIntOrString',
    validator: {
      validate: (value) => Number.isInteger(value) || typeof value === 'string',
      defaultMessage: () => '$property must be a whole number or a string',
    },
  });
}
