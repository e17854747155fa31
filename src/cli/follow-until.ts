import { customResourceOf, Informer, type StoredObject } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import type { Cluster } from './cluster.ts';

type Seen = StoredObject<RestAPI> | undefined;

/**
 * Watches a RestAPI until a condition holds.
 * @param first the RestAPI as it was read
 * @param enough the condition; `undefined` is a RestAPI that does not exist
 * @returns its last state, and whether the condition held before the timeout
 * @throws the signal's reason
 */
export async function followUntil(
  { client, namespace }: Cluster,
  name: string,
  {
    first,
    enough,
    timeoutMs,
    signal,
  }: {
    first: Seen;
    enough: (api: Seen) => boolean;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<{ last: Seen; done: boolean }> {
  if (enough(first)) return { last: first, done: true };
  const informer = new Informer<StoredObject<RestAPI>>({
    client,
    namespace,
    type: customResourceOf(RestAPI),
    fieldSelector: `metadata.name=${name}`,
  });
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = AbortSignal.any([signal, deadline]);
  let last = first;
  try {
    const came = Promise.withResolvers<boolean>();
    const check = () => {
      if (!informer.hasSynced) return;
      last = informer.get(namespace, name);
      if (enough(last)) came.resolve(true);
    };
    ended.addEventListener('abort', () => (signal.aborted ? came.reject(signal.reason) : came.resolve(false)));
    informer.subscribe(check);
    informer.start();
    // An empty list notifies no subscriber. An informer that is stopped at the deadline never syncs.
    informer.synced().then(check, () => {});
    return { done: await came.promise, last };
  } finally {
    await informer.stop();
  }
}
