/**
 * Orders two resource versions: negative, zero or positive as `a` is older than, the same as or newer than `b`.
 * They are decimal integers of any length and may be compared within one resource type since Kubernetes 1.35 (KEP-5504).
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
