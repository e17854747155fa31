import type { KubernetesObject } from '../kubernetes-object.ts';

/** The part of a coordination.k8s.io/v1 Lease that elections use. Times are RFC 3339 with microseconds. */
export interface Lease extends KubernetesObject {
  spec?: {
    /** Who leads; empty: nobody. */
    holderIdentity?: string | null;
    leaseDurationSeconds?: number | null;
    acquireTime?: string | null;
    renewTime?: string | null;
    /** How often the holder has changed. */
    leaseTransitions?: number | null;
  };
}

/** What a candidate knows of the lease: what it says, and since when (own monotonic clock, ms) it has said so. */
export interface Observation {
  lease: Lease | undefined;
  sinceMs: number;
}

/** What a candidate should do now. */
export type Move =
  | { move: 'take' }
  | { move: 'renew' }
  /** Somebody leads; ask again after so many milliseconds if the lease has not changed. */
  | { move: 'wait'; delayMs: number };

/**
 * What to do about the lease. Pure. As in client-go's leaderelection, the clocks of the candidates are never compared:
 * a lease has expired when it has not changed for its duration by the candidate's own clock.
 *
 * @param durationMs the lease's duration if it does not say one
 */
export function decideMove({ lease, sinceMs }: Observation, identity: string, nowMs: number, durationMs: number): Move {
  const { holderIdentity, leaseDurationSeconds } = lease?.spec ?? {};
  if (!holderIdentity) return { move: 'take' };
  if (holderIdentity === identity) return { move: 'renew' };
  const lasts = leaseDurationSeconds ? leaseDurationSeconds * 1000 : durationMs;
  const left = sinceMs + lasts - nowMs;
  return left <= 0 ? { move: 'take' } : { move: 'wait', delayMs: left };
}

/** The lease's spec after a move of `identity` at `now`; `release`: given up. */
export function specAfter(
  lease: Lease | undefined,
  move: 'take' | 'renew' | 'release',
  identity: string,
  durationSeconds: number,
  now: Date,
): NonNullable<Lease['spec']> {
  const before = lease?.spec ?? {};
  const time = now.toISOString().replace('Z', '000Z');
  const transitions = before.leaseTransitions ?? 0;
  if (move === 'release') {
    // A duration of 1 s, as client-go writes it: who does not know empty holders soon finds it expired.
    return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: time };
  }
  const taken = move === 'take';
  return {
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    acquireTime: taken ? time : before.acquireTime,
    renewTime: time,
    leaseTransitions: taken && lease ? transitions + 1 : transitions,
  };
}
