import type { FieldError } from './field-error.ts';

/** The result of checking one value. */
export interface Verdict {
  errors: FieldError[];
  /** The value as the API server would store it, defaults filled in, for rules about the whole value. */
  value: unknown;
}

/** The verdict on a value that is not even of the right kind. */
export function wrong(field: string, message: string, value: unknown): Verdict {
  return { errors: [{ field, message, value }], value };
}

/** Whether a value is an object with fields (or a map), and neither null nor a list. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
