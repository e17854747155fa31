import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * Requires a whole number in the range of Kubernetes' int32, the type of replicas and ports.
 *
 * @example
 * ```ts
 * \@Int32()
 * \@Min(0)
 * replicas!: number;
 * ```
 */
export function Int32(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isInt32',
      validator: {
        validate: (value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31,
        defaultMessage: () => '$property must be a whole number (int32)',
      },
    },
    options,
  );
}
