/** Errors that are bugs of this program, for which the stack matters more than the message. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/** The message of an error for the user, with the stack if it is a bug of this program. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const bug = [error, error.cause].find((each) => BUGS.some((kind) => each instanceof kind));
  return bug instanceof Error ? `${error.message}\n${bug.stack}` : error.message;
}
