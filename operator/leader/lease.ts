import { compareResourceVersions } from '../informer/resource-version.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';

/** The part of a coordination.k8s.io/v1 Lease that elections use. Times are RFC 3339 with microseconds. */
export interface Lease extends KubernetesObject {
  spec?: {
    /** Identity of the leader; empty if there is none. */
    holderIdentity?: string | null;
    leaseDurationSeconds?: number | null;
    acquireTime?: string | null;
    renewTime?: string | null;
    /** The term: grows with each take, see nextTerm(). */
    leaseTransitions?: number | null;
  };
}

/** A candidate's knowledge of the Lease. All times are by its own monotonic clock, milliseconds. */
export interface Observation {
  /** The Lease as last seen; undefined: there is none, or none was seen yet. */
  lease: Lease | undefined;
  /** When the current content of the Lease was first seen. */
  sinceMs: number;
  /**
   * When the API server last confirmed this content; undefined: it must be read before the next decision, for example after
   * a conflict. Events of a watch do not count: they may be late.
   */
  confirmedMs: number | undefined;
  /** Time of the last news of the Lease, from the watch or an answer. */
  heardMs: number;
  /** The Lease must not be taken before this time, regardless of its content; 0: no such limit. */
  notBeforeMs: number;
}

/** The candidate that decides. */
export interface Candidate {
  identity: string;
  /** The term this candidate took last, or tried to take; undefined: none so far. */
  ownTerm: number | undefined;
  /** Whether it leads that term now. */
  leading: boolean;
  /** Duration of a Lease without a valid one of its own, milliseconds. */
  durationMs: number;
  /** After this time without news the Lease is read, milliseconds: its watch may be broken. */
  pollMs: number;
}

/** The next move of a candidate. */
export type Move =
  /** Read the Lease and decide again. */
  | { move: 'read' }
  | { move: 'take' }
  | { move: 'renew' }
  /** The Lease no longer belongs to this leader's term. */
  | { move: 'lose' }
  /** Nothing to do for this number of milliseconds. */
  | { move: 'wait'; delayMs: number };

/** Terms are counted in seconds from here, so that 31 bits last until 2088. */
const TERM_EPOCH_MS = Date.UTC(2020, 0, 1);

/** Bound against wrong clocks: far enough below the greatest value of leaseTransitions to count on from there. */
const GREATEST_TERM_BY_CLOCK = 2_000_000_000;

/** The Lease API's own limit of leaseTransitions. */
export const GREATEST_TERM = 2_147_483_647;

/**
 * Decides the next move. Pure. As in client-go's leaderelection the clocks of the candidates are never compared: a Lease has
 * expired when it has been unchanged for its duration by the candidate's own clock. A Lease that looks expired is read before it
 * is taken.
 */
export function decideMove(observation: Observation, candidate: Candidate, nowMs: number): Move {
  const { lease, confirmedMs, heardMs } = observation;
  const { identity, ownTerm, leading, pollMs } = candidate;
  if (confirmedMs === undefined) return { move: 'read' };
  if (leading) return isHeldBy(lease, identity, ownTerm) ? { move: 'renew' } : { move: 'lose' };
  const freeMs = freeAt(observation, candidate);
  if (nowMs < freeMs) {
    const pollAtMs = heardMs + pollMs;
    if (nowMs >= pollAtMs) return { move: 'read' };
    return { move: 'wait', delayMs: Math.min(freeMs, pollAtMs) - nowMs };
  }
  // A released Lease is written with its version as precondition, which is as good as reading it and quicker.
  const released = lease !== undefined && !holderOf(lease);
  return released || confirmedMs >= freeMs ? { move: 'take' } : { move: 'read' };
}

/** Returns when the Lease may be taken, by the candidate's own clock. */
function freeAt({ lease, sinceMs, notBeforeMs }: Observation, candidate: Candidate): number {
  const { identity, ownTerm, durationMs } = candidate;
  // Our own take whose answer was lost, or a term that ended by its deadline: there is no other holder to wait for. A Lease that
  // names us in another term is outdated, and another process may lead by a newer one.
  if (lease === undefined || !holderOf(lease) || isHeldBy(lease, identity, ownTerm)) return notBeforeMs;
  return Math.max(notBeforeMs, sinceMs + (durationOf(lease) ?? durationMs));
}

/** Whether, by the Lease, `identity` leads the term `term`. */
export function isHeldBy(lease: Lease | undefined, identity: string, term: number | undefined): boolean {
  return lease !== undefined && holderOf(lease) === identity && termOf(lease) === term;
}

/** Returns the holder of the Lease, `''` if there is none. */
export function holderOf(lease: Lease | undefined): string {
  return lease?.spec?.holderIdentity ?? '';
}

/** Returns the term of the Lease, 0 if it has none. */
export function termOf(lease: Lease | undefined): number {
  const term = lease?.spec?.leaseTransitions;
  return typeof term === 'number' && Number.isInteger(term) && term > 0 ? term : 0;
}

/** Returns the duration of the Lease, milliseconds; undefined if it has no valid one. */
export function durationOf(lease: Lease | undefined): number | undefined {
  const seconds = lease?.spec?.leaseDurationSeconds;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** Whether the Lease is unchanged between two observations: its holder has not renewed it. */
export function saysTheSame(before: Lease | undefined, now: Lease | undefined): boolean {
  return (
    before?.metadata?.uid === now?.metadata?.uid &&
    holderOf(before) === holderOf(now) &&
    termOf(before) === termOf(now) &&
    (before?.spec?.renewTime ?? '') === (now?.spec?.renewTime ?? '') &&
    durationOf(before) === durationOf(now)
  );
}

/**
 * Returns evidence that the history of the server went back between two answers, as a clause for a log line; undefined if there
 * is none. A Lease that was deleted and created again is no evidence.
 *
 * @param before as known before that answer
 * @param now the answer to a consistent read or a write
 * @param identity the candidate whose own renewals must not vanish
 */
export function wentBack(before: Lease | undefined, now: Lease | undefined, identity: string): string | undefined {
  const [old, young] = [before?.metadata?.resourceVersion, now?.metadata?.resourceVersion];
  if (before === undefined || now === undefined || old === undefined || young === undefined) return undefined;
  const compared = compareResourceVersions(young, old);
  if (compared !== undefined && compared < 0)
    return `the resourceVersion of the Lease went back from ${old} to ${young}`;
  if (before.metadata?.uid !== now.metadata?.uid) return undefined;
  if (termOf(now) < termOf(before)) return `the term of the Lease went back from ${termOf(before)} to ${termOf(now)}`;
  // Other candidates' clocks may differ or be set, so only our own renewals are compared by time.
  const sameTerm = isHeldBy(before, identity, termOf(before)) && isHeldBy(now, identity, termOf(before));
  const [wrote, says] = [Date.parse(before.spec?.renewTime ?? ''), Date.parse(now.spec?.renewTime ?? '')];
  return sameTerm && says < wrote ? 'an acknowledged renewal of the Lease is gone' : undefined;
}

/**
 * Returns the term of the next take: higher than every one before, even when the Lease was deleted or restored from a backup,
 * which is why it follows the clock where that is ahead. Objects record the term in which they were last written, and the fence
 * rejects writes of an older one.
 *
 * @param previous the highest term known
 * @param now by the wall clock
 */
export function nextTerm(previous: number, now: Date): number {
  const byClock = Math.min(Math.floor((now.getTime() - TERM_EPOCH_MS) / 1000), GREATEST_TERM_BY_CLOCK);
  return Math.min(Math.max(previous + 1, byClock, 1), GREATEST_TERM);
}

/** What a candidate writes. */
export type LeaseWrite = { move: 'take'; term: number } | { move: 'renew' } | { move: 'release' };

/** Returns the spec of the Lease after a write of `identity` at `now`. */
export function specAfter(
  lease: Lease | undefined,
  write: LeaseWrite,
  identity: string,
  durationSeconds: number,
  now: Date,
): NonNullable<Lease['spec']> {
  const before = lease?.spec ?? {};
  const time = now.toISOString().replace('Z', '000Z');
  switch (write.move) {
    case 'release':
      // A duration of 1 s, as in client-go: a candidate that does not know empty holders soon finds it expired.
      return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: time };
    case 'renew':
      return { ...before, holderIdentity: identity, leaseDurationSeconds: durationSeconds, renewTime: time };
    case 'take':
      return {
        holderIdentity: identity,
        leaseDurationSeconds: durationSeconds,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: write.term,
      };
  }
}
