/** Errors that are a fault of this program: where it happened matters more than the words. */
const FAULTS = [TypeError, RangeError, ReferenceError, SyntaxError];

/** What a person is told of an error: its message, and where it happened if it is a fault of this program. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fault = [error, error.cause].find((each) => FAULTS.some((kind) => each instanceof kind));
  return fault instanceof Error ? `${error.message}\n${fault.stack}` : error.message;
}
