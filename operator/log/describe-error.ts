/** How many causes deep an error is described: enough for what a person can act on. */
const MAX_DEPTH = 5;

/**
 * An error as one line for a person: its message, and those of its causes, outermost first. Parts that the message before says
 * already are left out.
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
