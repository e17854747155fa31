import { errorFields, type Logger } from '../log/logger.ts';
import { isConflict, isNotFound } from '../transport/api-error.ts';
import { isHeldBy } from './lease.ts';
import type { LeaseClient } from './lease-client.ts';
import type { ObservedLease } from './observed-lease.ts';

/** Longest time that releasing the Lease may take, milliseconds. */
const RELEASE_DEADLINE_MS = 2_000;

/** Releases the Lease if this process holds it, so that a standby takes over at once. Takes 2 s at most; failures are logged. */
export async function releaseLease(
  leases: LeaseClient,
  observed: ObservedLease,
  { identity, ownTerm }: { identity: string; ownTerm: number | undefined },
  logger: Logger,
): Promise<void> {
  const ours = isHeldBy(observed.lease, identity, ownTerm);
  // A take may have been on its way.
  if (!ours && (ownTerm ?? 0) <= observed.highestTerm) return;
  let known = ours && observed.observation.confirmedMs !== undefined;
  let { lease } = observed;
  const endsMs = performance.now() + RELEASE_DEADLINE_MS;
  for (;;) {
    const timeoutMs = endsMs - performance.now();
    try {
      if (timeoutMs <= 0) throw new Error(`not written within ${RELEASE_DEADLINE_MS} ms`);
      if (!known) {
        lease = await leases.get({ timeoutMs });
        known = true;
        if (!isHeldBy(lease, identity, ownTerm)) return;
      }
      await leases.write(lease, { move: 'release' }, { timeoutMs });
      logger.info('Released the lease', { term: ownTerm });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error) && known) {
        known = false;
        continue;
      }
      logger.warn('Could not release the lease; a standby takes over when it expires', errorFields(error));
      return;
    }
  }
}
