import { hashOf } from './desired-object.ts';
import type { Difference } from './differences.ts';

interface Rewritten {
  /** Uid of the object. */
  uid: string;
  /** By path: hashes of what was sent and of what was stored instead. */
  fields: Map<string, { requested: string; stored: string }>;
}

/**
 * Remembers which fields an admission webhook or policy (or the API server itself) stored with another value than was sent.
 * While such a field holds that value there is no drift, and writing it again would change nothing.
 *
 * Kept in memory only: after a restart every such object is written once more.
 */
export class AdmissionRewrites {
  /** By owner, then by object. */
  readonly #owners = new Map<string, Map<string, Rewritten>>();

  /** Records a write. @param left where the stored object differs from what was sent */
  wrote(owner: string, object: string, uid: string, left: readonly Difference[]): void {
    if (left.length === 0) {
      this.forget(owner, object);
      return;
    }
    const fields = new Map(
      left.map(({ path, wanted, found }) => [path, { requested: hashOf(wanted), stored: hashOf(found) }]),
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

  /** The differences other than the known rewrites. */
  others(owner: string, object: string, uid: string, differences: readonly Difference[]): Difference[] {
    const rewritten = this.#owners.get(owner)?.get(object);
    if (rewritten?.uid !== uid) return [...differences];
    return differences.filter(({ path, wanted, found }) => {
      const field = rewritten.fields.get(path);
      return !field || field.requested !== hashOf(wanted) || field.stored !== hashOf(found);
    });
  }

  /** Forgets an object, or all objects of a deleted owner. */
  forget(owner: string, object?: string): void {
    const objects = this.#owners.get(owner);
    if (object !== undefined) objects?.delete(object);
    if (object === undefined || objects?.size === 0) this.#owners.delete(owner);
  }
}
