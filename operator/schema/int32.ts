import { ValidateBy, type ValidationOptions } from 'class-validator';

/** A whole number that fits Kubernetes' int32, the type of replicas and ports. */
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
