import type { Revision } from './revision.ts';

/** A revision as its ControllerRevision stores it. */
export type StoredRevision = Revision & { number: number };

/** Annotations of an object may take 256 KiB together. */
const MOST_BYTES = 200 * 1_024;

/**
 * Serializes the revisions that are in use, the active one first, for an annotation. What does not fit is left out, from
 * the last on. Undefined: nothing fits.
 */
export function serializeRevisions(revisions: readonly StoredRevision[]): string | undefined {
  for (let count = revisions.length; count > 0; count--) {
    const text = JSON.stringify(revisions.slice(0, count).map(({ name, number, data }) => ({ name, number, data })));
    if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  }
  return undefined;
}

/** Reads them back. What is not of this form, such as a text that a user wrote, is left out. */
export function parseRevisions(text: string | undefined): StoredRevision[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found.filter(isStoredRevision) : [];
  } catch {
    return [];
  }
}

function isStoredRevision(value: unknown): value is StoredRevision {
  if (typeof value !== 'object' || value === null) return false;
  const { name, number, data } = value as Partial<Record<keyof StoredRevision, unknown>>;
  if (typeof name !== 'string' || typeof number !== 'number' || typeof data !== 'object' || data === null) return false;
  const { spec, configHashes } = data as Record<string, unknown>;
  return [spec, configHashes].every((field) => typeof field === 'object' && field !== null);
}
