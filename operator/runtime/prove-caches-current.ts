import type { Informer } from '../informer/informer.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import { collectionName, type InformerPool } from './informer-pool.ts';

/** How long one attempt to prove the caches current may take, in milliseconds. */
const DEADLINE_MS = 5_000;

/**
 * Verifies that every cache has reached the server's current version.
 *
 * @throws Error if that cannot be proved for a cache that every decision needs
 */
export async function proveCachesCurrent(
  informers: InformerPool,
  watches: readonly { informer: Informer<StoredObject> }[],
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const [{ required, onDemand }, watched] = await Promise.all([
    informers.proveCurrent(DEADLINE_MS, signal),
    Promise.all(watches.map(({ informer }) => informer.proveCurrent(DEADLINE_MS, signal))),
  ]);
  const behind = [...required, ...watches.filter((_, index) => !watched[index]).map(({ informer }) => informer)];
  if (behind.length > 0) {
    const kinds = behind.map(collectionName).join(', ');
    throw new Error(`the caches of ${kinds} may be out of date: the API server did not answer, or a watch lags behind`);
  }
  for (const { type, namespace } of onDemand) {
    const fields = { plural: type.plural, ...(namespace !== undefined && { namespace }) };
    logger.warn('Could not verify that a cache of referenced objects is current, continuing unverified', fields);
  }
}
