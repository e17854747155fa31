import { hashOf } from './desired-object.ts';
import type { Difference } from './differences.ts';

interface Rewritten {
  /** Uid of the object. */
  uid: string;
  /** By path: hashes of what was sent and of what was stored instead. */
  fields: Map<string, { asked: string; stored: string }>;
}

/**
 * Remembers which fields an admission webhook or policy (or the API server itself) stored otherwise than they were sent.
 * While such a field holds just that value, nobody has changed it, and writing it again would change nothing.
 *
 * It is kept in memory only: after a restart each such object is written once more. Nothing is remembered of objects that are
 * stored as they were sent.
 */
export class AdmissionRewrites {
  /** By owner, then by object. */
  readonly #owners = new Map<string, Map<string, Rewritten>>();

  /** An object was written. @param left where the answer still differs from what was sent */
  wrote(owner: string, object: string, uid: string, left: readonly Difference[]): void {
    if (left.length === 0) {
      this.forget(owner, object);
      return;
    }
    const fields = new Map(
      left.map(({ path, wanted, found }) => [path, { asked: hashOf(wanted), stored: hashOf(found) }]),
    );
    const objects = this.#owners.get(owner) ?? new Map<string, Rewritten>();
    this.#owners.set(owner, objects.set(object, { uid, fields }));
  }

  /** Whether a field of an object was rewritten when it was written last, to whatever value. */
  has(owner: string, object: string, path: string): boolean {
    return this.#owners.get(owner)?.get(object)?.fields.has(path) ?? false;
  }

  /** Whether anything is remembered of an object. */
  knows(owner: string, object: string): boolean {
    return this.#owners.get(owner)?.has(object) ?? false;
  }

  /** The differences that are not just what was stored when the same was sent last. */
  others(owner: string, object: string, uid: string, differences: readonly Difference[]): Difference[] {
    const rewritten = this.#owners.get(owner)?.get(object);
    if (rewritten?.uid !== uid) return [...differences];
    return differences.filter(({ path, wanted, found }) => {
      const field = rewritten.fields.get(path);
      return !field || field.asked !== hashOf(wanted) || field.stored !== hashOf(found);
    });
  }

  /** Forgets an object, or all of an owner that is gone. */
  forget(owner: string, object?: string): void {
    const objects = this.#owners.get(owner);
    if (object !== undefined) objects?.delete(object);
    if (object === undefined || objects?.size === 0) this.#owners.delete(owner);
  }
}
