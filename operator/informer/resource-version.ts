/**
 * Compares two resourceVersions.
 *
 * @returns negative, zero or positive as `a` is older than, equal to or newer than `b`; undefined where they cannot be compared
 *
 * They are decimal integers of any length, within one resource type (guaranteed since Kubernetes 1.35, KEP-5504;
 * true of every etcd-backed server before). Aggregated servers may use something else.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!isInteger(a) || !isInteger(b)) return undefined;
  // No leading zeros, so the longer one is the larger one; no BigInt is needed.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

function isInteger(version: string): boolean {
  return /^[1-9][0-9]*$/.test(version) || version === '0';
}
