/** One thing wrong with an object: where (a path as the API server writes it), what, and the value found there. */
export interface FieldError {
  field: string;
  message: string;
  value?: unknown;
}

/** All errors in one line, for conditions, events and logs. */
export function describeErrors(errors: readonly FieldError[]): string {
  return errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
}
