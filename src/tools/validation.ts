/** A validation of a ValidatingAdmissionPolicy. */
export interface Validation {
  expression: string;
  message: string;
  reason: 'Forbidden';
}

/** @param message said when the expression is false: the object or field, the problem and the remedy */
export function validation(expression: string, message: string): Validation {
  return { expression, message, reason: 'Forbidden' };
}
