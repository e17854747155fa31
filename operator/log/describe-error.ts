/** How many causes are included. */
const MAX_DEPTH = 5;

/**
 * Describes an error in one line: its message, and those of its causes, outermost first. Messages that an earlier one contains are
 * left out.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  collect(error, parts, 0);
  return parts.join('; caused by: ');
}

function collect(error: unknown, parts: string[], depth: number): void {
  const text = (error instanceof Error ? error.message || error.name : String(error)).replace(/\s+/g, ' ').trim();
  if (!parts.some((part) => part.includes(text))) parts.push(text);
  if (!(error instanceof Error) || depth === MAX_DEPTH) return;
  if (error.cause !== undefined) collect(error.cause, parts, depth + 1);
  if (error instanceof AggregateError) for (const inner of error.errors) collect(inner, parts, depth + 1);
}
