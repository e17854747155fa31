import { ValidateBy } from 'class-validator';

/** A whole number that fits Kubernetes' int32, the type of replicas and ports. */
export function Int32(): PropertyDecorator {
  return ValidateBy({
    name: 'isInt32',
    validator: {
      validate: (value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31,
      defaultMessage: () => '$property must be a whole number (int32)',
    },
  });
}
