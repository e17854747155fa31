import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ApiError } from '../transport/api-error.ts';
import type { Outcome } from './list-watch-state.ts';
import { type Collection, type Peeked, peek } from './peek.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { Objects } from './store.ts';

/** What a history check goes by. */
export interface HistoryCheck {
  client: ApiClient;
  collection: Collection;
  /** The version up to which the collection is known. */
  from: string;
  /** The collection at `from`. Left out: nothing of it was kept, and only versions can be compared. */
  known: Objects<KubernetesObject> | undefined;
  /** Milliseconds, of each request. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Asks whether the server still has the history that a version belongs to, after it was away: a restore of etcd from a backup
 * begins another one, in which the same version means something else.
 *
 * The identity of a history is the newest object known of the collection, its uid and resourceVersion. One list of that object as
 * it is now tells
 * - the server's version: one before `from` is another history;
 * - whether the object is still the same: then nothing speaks against this history;
 * - or whether it has gone back.
 * If it is neither, the same is asked of the state at exactly `from`, where this history must show the object as it is known. So a
 * check costs one small request, two where the newest object has changed meanwhile, and needs no right but `list`.
 *
 * It cannot see another history in which the newest object of this collection is as it was: when nothing happened here between the
 * backup and the outage except deletions, or nothing at all. Whatever was then changed in the new history before this check, and
 * below `from`, is missed by this collection alone. Any other collection that was written to after the backup notices, and one is
 * enough for all, see ServerHistory.
 *
 * @throws ApiError, TransportError when the server cannot be asked
 */
export async function checkHistory(check: HistoryCheck): Promise<Extract<Outcome, { type: 'checked' }>> {
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
    // Compacted, or a server that does not know the question.
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

/** Why an object, as the server has it now, shows another history than the same object as it is known; undefined: it does not. */
export function wentBack(known: KubernetesObject, now: KubernetesObject): string | undefined {
  const [before, after] = [known.metadata, now.metadata];
  if (before?.uid === undefined || before.uid !== after?.uid) return undefined;
  const compared = compareResourceVersions(after?.resourceVersion ?? '', before.resourceVersion ?? '');
  if (compared === undefined || compared >= 0) return undefined;
  return `${nameOf(known)} went back from resourceVersion ${before.resourceVersion} to ${after?.resourceVersion}`;
}

function other(reason: string): Extract<Outcome, { type: 'checked' }> {
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
