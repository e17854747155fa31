/**
 * Returns the ID of the key that a hash of contents depends on. Hashes with different keys cannot be compared. Hashes without
 * contents of Secrets have no key.
 */
export function keyIdOf(hash: string | null | undefined): string | undefined {
  const [id, value] = hash?.split(':') ?? [];
  return value === undefined ? undefined : id;
}

/** Returns a hash that was computed from others with the ID of their key. */
export function withKeyOf(parts: readonly (string | null | undefined)[], hash: string): string {
  const id = parts.map(keyIdOf).find((each) => each !== undefined);
  return id === undefined ? hash : `${id}:${hash}`;
}
