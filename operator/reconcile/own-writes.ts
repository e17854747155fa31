import type { Informer } from '../informer/informer.ts';
import { compareResourceVersions } from '../informer/resource-version.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';

interface Pending {
  /** Latest version of ours that each cache must have seen. */
  versions: Map<Informer<StoredObject>, string>;
  /** Objects we deleted that each cache must no longer show as alive. */
  deletions: { informer: Informer<StoredObject>; namespace: string | undefined; name: string; uid: string }[];
}

/**
 * Remembers what was written for each key until the caches have seen it. A decision made from a cache that lacks
 * our own last write would be made twice: a second create, a status put back.
 */
export class OwnWrites {
  readonly #pending = new Map<string, Pending>();

  /** A write for `key` was answered with this object. */
  wrote(key: string, informer: Informer<StoredObject>, answer: KubernetesObject): void {
    const version = answer.metadata?.resourceVersion;
    if (!version) return;
    const { versions } = this.#of(key);
    const before = versions.get(informer);
    if (!before || (compareResourceVersions(before, version) ?? -1) < 0) versions.set(informer, version);
  }

  /** A delete for `key` was accepted; the server's answer does not tell at which version. */
  deleted(key: string, informer: Informer<StoredObject>, object: KubernetesObject): void {
    const { namespace, name = '', uid = '' } = object.metadata ?? {};
    this.#of(key).deletions.push({ informer, namespace, name, uid });
  }

  /**
   * Waits until the caches hold everything written for `key`.
   * @param deadlineMs longest wait in milliseconds
   * @returns false if the deadline came first; what is still missing stays remembered
   */
  async seen(key: string, deadlineMs: number): Promise<boolean> {
    const pending = this.#pending.get(key);
    if (!pending) return true;
    const end = Date.now() + deadlineMs;
    for (const [informer, version] of pending.versions) {
      if (!(await informer.waitFor(version, Math.max(0, end - Date.now())))) return false;
    }
    for (const deletion of pending.deletions) {
      if (!(await gone(deletion, Math.max(0, end - Date.now())))) return false;
    }
    if (this.#pending.get(key) === pending) this.#pending.delete(key);
    return true;
  }

  /** Forgets a key whose object is gone. */
  forget(key: string): void {
    this.#pending.delete(key);
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

function gone({ informer, namespace, name, uid }: Pending['deletions'][number], deadlineMs: number): Promise<boolean> {
  const isGone = () => {
    const metadata = informer.get(namespace, name)?.metadata;
    return metadata?.uid !== uid || metadata?.deletionTimestamp !== undefined;
  };
  if (isGone()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      unsubscribe();
      resolve(result);
    };
    const timer = setTimeout(() => finish(false), deadlineMs);
    const unsubscribe = informer.subscribe(() => {
      if (isGone()) finish(true);
    });
  });
}
