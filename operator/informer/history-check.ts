import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ApiError } from '../transport/api-error.ts';
import type { Checked } from './list-watch-state.ts';
import { type Collection, type Peeked, peek } from './peek.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { Objects } from './store.ts';

/** What a history check compares. */
export interface HistoryCheck {
  client: ApiClient;
  collection: Collection;
  /** The version up to which the collection has been seen. */
  from: string;
  /** The collection at `from`. Undefined: none of it was kept, and only versions can be compared. */
  known: Objects<KubernetesObject> | undefined;
  /** Milliseconds, of each request. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Asks whether the server still has the history that a version belongs to, after it was unreachable: a restore of etcd from a
 * backup begins another history, in which the same version means something else.
 *
 * A history is identified by the newest known object of the collection, its uid and resourceVersion. One list of that object
 * shows
 * - the server's version: a version before `from` means another history;
 * - whether the object is unchanged, which is no evidence against this history;
 * - whether the object went back.
 * If it shows none of these, a second list requests the state at exactly `from`, where this history must show the known version
 * of the object. A check costs one small request, two if the newest object has changed, and needs only the right to `list`.
 *
 * It misses another history in which the newest object of this collection is unchanged: when between the backup and the outage
 * only deletions happened here, or nothing. Changes made in the new history before this check, below `from`, are then missed by
 * this collection alone. Any other collection that was written after the backup notices, and one is enough for all, see
 * ServerHistory.
 *
 * @throws ApiError, TransportError when the server cannot be asked
 */
export async function checkHistory(check: HistoryCheck): Promise<Checked> {
  const { from, known } = check;
  const newest = known && newestOf(known);
  const now = await ask(check, newest);
  const compared = compareResourceVersions(now.version, from);
  if (compared !== undefined && compared < 0) {
    return other(`the server's resourceVersion went back from ${from} to ${now.version}`);
  }
  if (known === undefined || isSame(now, newest)) return { type: 'checked', history: 'same' };
  const [found] = now.items;
  if (newest !== undefined && found !== undefined) {
    const why = wentBack(newest, found);
    if (why !== undefined) return other(why);
  }

  let then: Peeked;
  try {
    then = await ask(check, newest, from);
  } catch (error) {
    // Compacted, or a server that does not support exact versions.
    if (error instanceof ApiError && [400, 404, 410, 422].includes(error.status)) {
      return { type: 'checked', history: 'unknown' };
    }
    throw error;
  }
  if (isSame(then, newest)) return { type: 'checked', history: 'same' };
  return other(
    newest === undefined
      ? `at resourceVersion ${from} the collection was empty, but the server now lists an object`
      : `at resourceVersion ${from} the server's state differs from the cached ${nameOf(newest)}`,
  );
}

/** Returns evidence that the history changed: an object is older on the server than it is known. Undefined if it is not. */
export function wentBack(known: KubernetesObject, now: KubernetesObject): string | undefined {
  const [before, after] = [known.metadata, now.metadata];
  if (before?.uid === undefined || before.uid !== after?.uid) return undefined;
  const compared = compareResourceVersions(after?.resourceVersion ?? '', before.resourceVersion ?? '');
  if (compared === undefined || compared >= 0) return undefined;
  return `${nameOf(known)} went back from resourceVersion ${before.resourceVersion} to ${after?.resourceVersion}`;
}

function other(reason: string): Checked {
  return { type: 'checked', history: 'other', reason };
}

function ask(
  { client, collection, timeoutMs, signal }: HistoryCheck,
  newest: KubernetesObject | undefined,
  atVersion?: string,
): Promise<Peeked> {
  const { namespace, name = '' } = newest?.metadata ?? {};
  const object = newest && { namespace, name };
  return peek(client, collection, { object, atVersion, limit: 1, timeoutMs, signal });
}

function isSame({ items: [found] }: Peeked, newest: KubernetesObject | undefined): boolean {
  return (
    found?.metadata?.uid === newest?.metadata?.uid &&
    found?.metadata?.resourceVersion === newest?.metadata?.resourceVersion
  );
}

function newestOf(objects: Objects<KubernetesObject>): KubernetesObject | undefined {
  let newest: KubernetesObject | undefined;
  for (const object of objects.values()) {
    const compared = compareResourceVersions(
      object.metadata?.resourceVersion ?? '',
      newest?.metadata?.resourceVersion ?? '0',
    );
    if (compared !== undefined && compared > 0) newest = object;
  }
  return newest;
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : `${metadata?.name}`;
}
