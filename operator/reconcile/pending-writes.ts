import type { Wait } from '../async/wait.ts';
import type { Informer } from '../informer/informer.ts';
import { onceShown } from '../informer/once-shown.ts';
import { compareResourceVersions } from '../informer/resource-version.ts';
import { type KubernetesObject, keyOf, type StoredObject } from '../kubernetes-object.ts';

/** Longest wait for a cache to show what was written, in milliseconds. Streams that stall are found within 65 s. */
const DEADLINE_MS = 70_000;

/** A write that a cache may not show yet. */
interface Write {
  informer: Informer<StoredObject>;
  /** The history of the server it was answered in: in another one it means nothing. */
  epoch: number;
  /** What the cache is to show, as in `the cache of deployments to show …`. */
  what: string;
  /** Whether the cache shows it. */
  shown: () => boolean;
}

interface Pending {
  /** Latest version of ours that each cache must have seen. */
  versions: Map<Informer<StoredObject>, Write & { version: string }>;
  /** Deleted objects that each cache must no longer show as existing. */
  deletions: Write[];
}

/**
 * Remembers the writes of each key until the caches show them. A decision from a cache that lacks our own last write would be made
 * twice: a second create, a reverted status.
 *
 * Writes of a replaced history (see ServerHistory) are dropped: the relisted cache shows whatever is left of them.
 */
export class PendingWrites {
  readonly #pending = new Map<string, Pending>();

  /**
   * Records a write for `key` that the server answered with this object.
   * @param informer of the object's namespace; undefined: the namespace is not watched, so no cache will show the write
   */
  wrote(key: string, informer: Informer<StoredObject> | undefined, answer: KubernetesObject): void {
    const version = answer.metadata?.resourceVersion;
    if (!version || !informer) return;
    const { epoch } = informer.history;
    const { versions } = this.#of(key);
    const before = versions.get(informer);
    if (before?.epoch === epoch && (compareResourceVersions(before.version, version) ?? -1) >= 0) return;
    const what = `version ${version}`;
    versions.set(informer, { informer, epoch, version, what, shown: () => informer.hasSeen(version) });
  }

  /** Records an accepted delete for `key`; the server's answer does not contain its version. @param informer as of wrote() */
  deleted(key: string, informer: Informer<StoredObject> | undefined, object: KubernetesObject): void {
    if (!informer) return;
    const { namespace, name = '', uid = '' } = object.metadata ?? {};
    const shown = () => {
      const metadata = informer.get(namespace, name)?.metadata;
      return metadata?.uid !== uid || metadata?.deletionTimestamp !== undefined;
    };
    const what = `that ${keyOf({ metadata: { namespace, name } })} is deleted`;
    this.#of(key).deletions.push({ informer, epoch: informer.history.epoch, what, shown });
  }

  /**
   * Returns what the caches do not show yet of the writes for `key`.
   * @returns undefined if they show everything, so that a run may use them
   */
  missing(key: string): Wait | undefined {
    const writes = this.#outstanding(key);
    const [first] = writes;
    if (first === undefined) return undefined;
    const { informer, what } = first;
    const trouble = informer.trouble && ` (its watch is broken: ${informer.trouble.reason})`;
    return {
      what: `the cache of ${informer.type.plural} to show ${what}${trouble ?? ''}`,
      deadlineMs: DEADLINE_MS,
      subscribe: onceShown(new Set(writes.map((write) => write.informer)), () => writes.every(isShown)),
    };
  }

  /** Forgets a key whose object is deleted. */
  forget(key: string): void {
    this.#pending.delete(key);
  }

  #outstanding(key: string): Write[] {
    const pending = this.#pending.get(key);
    if (pending === undefined) return [];
    const { versions } = pending;
    for (const [informer, write] of versions) if (isShown(write)) versions.delete(informer);
    pending.deletions = pending.deletions.filter((write) => !isShown(write));
    const writes = [...versions.values(), ...pending.deletions];
    if (writes.length === 0) this.#pending.delete(key);
    return writes;
  }

  #of(key: string): Pending {
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = { versions: new Map(), deletions: [] };
      this.#pending.set(key, pending);
    }
    return pending;
  }
}

/** Between the report of another history and the new list a cache shows nothing valid. */
function isShown({ informer, epoch, shown }: Write): boolean {
  return informer.current && (epoch !== informer.history.epoch || shown());
}
