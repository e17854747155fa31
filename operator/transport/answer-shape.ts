/** A list as the server sends it, checked by listProblem(). */
export interface WireList<T> {
  kind: string;
  metadata?: { resourceVersion?: string; continue?: string };
  /** Some aggregated servers send null for an empty list. */
  items: T[] | null;
}

/** Whether a content type is JSON, such as `application/json;stream=watch`. A missing one counts as JSON: the parser decides. */
export function isJsonType(contentType: string | string[] | undefined): boolean {
  const type = Array.isArray(contentType) ? contentType[0] : contentType;
  return type === undefined || type.trim() === '' || /^[^;,]*\bjson\b/i.test(type);
}

/** Returns the content type for a message: without parameters, and only if it is well-formed. */
export function contentTypeForMessage(contentType: string | string[] | undefined): string {
  const type = Array.isArray(contentType) ? contentType[0] : contentType;
  const name = type?.split(';')[0]?.trim() ?? '';
  return /^[\w.+/-]{1,100}$/.test(name) ? name : 'an unreadable content type';
}

/** Returns the problem of an answer that should be one object, to follow "returned 200"; undefined if there is none. */
export function objectProblem(answer: unknown): string | undefined {
  return kindOf(answer) === undefined ? `with ${whatItIs(answer)} instead of an object with a kind` : undefined;
}

/**
 * Returns the problem of an answer that should be a list, to follow "returned 200"; undefined if there is none.
 *
 * @param versioned whether it must have a resourceVersion, from which a watch can continue
 */
export function listProblem(answer: unknown, versioned: boolean): string | undefined {
  const kind = kindOf(answer);
  if (kind === undefined || !kind.endsWith('List')) return `with ${whatItIs(answer)} instead of a list`;
  const { items, metadata } = answer as { items?: unknown; metadata?: { resourceVersion?: unknown } | null };
  if (!Array.isArray(items) && items !== null) return `with a ${kind} without an array of items`;
  const version = metadata?.resourceVersion;
  if (versioned && (typeof version !== 'string' || version === ''))
    return `with a ${kind} without metadata.resourceVersion`;
  return undefined;
}

function kindOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const { kind } = answer as { kind?: unknown };
  return typeof kind === 'string' && /^[A-Za-z][A-Za-z0-9]{0,252}$/.test(kind) ? kind : undefined;
}

function whatItIs(answer: unknown): string {
  const kind = kindOf(answer);
  if (kind !== undefined) return `an object of kind ${kind}`;
  if (answer === undefined) return 'an empty body';
  if (answer === null) return 'null';
  if (Array.isArray(answer)) return 'an array';
  return typeof answer === 'object' ? 'an object without a kind' : `a ${typeof answer}`;
}
