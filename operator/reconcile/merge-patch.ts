/**
 * The JSON merge patch (RFC 7386) that turns `from` into `to`, undefined if they are equal. Fields of `from` that
 * `to` lacks become null; lists are replaced whole.
 */
export function mergePatch(from: object | undefined, to: object): Record<string, unknown> | undefined {
  const before = (from ?? {}) as Record<string, unknown>;
  const after = to as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (value === undefined || same(before[key], value)) continue;
    patch[key] = isMap(value) && isMap(before[key]) ? mergePatch(before[key], value) : value;
  }
  for (const key of Object.keys(before)) {
    if (after[key] === undefined && before[key] !== undefined) patch[key] = null;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, i) => same(value, b[i]));
  if (isMap(a) && isMap(b)) return mergePatch(a, b) === undefined;
  return false;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
