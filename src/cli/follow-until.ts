import { customResourceOf, Informer, type StoredObject } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import type { Cluster } from './cluster.ts';

type Seen = StoredObject<RestAPI> | undefined;

/**
 * Follows a RestAPI until it is as it should be.
 * @param first how it was when it was read
 * @param enough whether that is it; `undefined` is a RestAPI that does not exist
 * @returns how it was last, and whether that was enough: if not, the time is up
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
    const look = () => {
      if (!informer.hasSynced) return;
      last = informer.get(namespace, name);
      if (enough(last)) came.resolve(true);
    };
    ended.addEventListener('abort', () => (signal.aborted ? came.reject(signal.reason) : came.resolve(false)));
    informer.subscribe(look);
    informer.start();
    // An informer that found nothing tells no change. One that is stopped at the deadline never synced.
    informer.synced().then(look, () => {});
    return { done: await came.promise, last };
  } finally {
    await informer.stop();
  }
}
