/** A RestAPI whose release waits for its turn. */
export interface WaitingRelease {
  uid: string;
  namespace: string;
  /** Milliseconds since 1970. */
  since: number;
}

/** A namespace as one slot after the other is given away. */
interface Claim {
  namespace: string;
  inProgress: number;
  servedAt: number;
  /** Those that wait, the next one first. */
  waiting: WaitingRelease[];
}

/**
 * Returns the releases that begin next. Pure.
 *
 * A namespace with fewer releases in progress goes first; of those with equally many, the one that was served the longest ago;
 * then the one with the longest wait. Within a namespace the longest wait goes first. So a namespace with hundreds of
 * releases delays the first one of another only until a slot is free, and none starves: who was served goes to the end.
 *
 * @param free the number of free slots
 * @param waiting all that wait
 * @param inProgress the number of releases in progress, by namespace
 * @param servedAt when a release of a namespace last began, ended or made progress, milliseconds
 */
export function nextReleases(
  free: number,
  waiting: readonly WaitingRelease[],
  inProgress: ReadonlyMap<string, number>,
  servedAt: ReadonlyMap<string, number>,
): WaitingRelease[] {
  const claims = claimsOf(waiting, inProgress, servedAt);
  const next: WaitingRelease[] = [];
  while (next.length < free) {
    const open = claims.filter((claim) => claim.waiting.length > 0);
    if (open.length === 0) break;
    const claim = open.reduce((first, one) => (compareClaims(one, first) < 0 ? one : first));
    next.push(...claim.waiting.splice(0, 1));
    claim.inProgress++;
    claim.servedAt = Infinity;
  }
  return next;
}

function claimsOf(
  waiting: readonly WaitingRelease[],
  inProgress: ReadonlyMap<string, number>,
  servedAt: ReadonlyMap<string, number>,
): Claim[] {
  const byNamespace = Map.groupBy(waiting, ({ namespace }) => namespace);
  return [...byNamespace].map(([namespace, own]) => ({
    namespace,
    inProgress: inProgress.get(namespace) ?? 0,
    servedAt: servedAt.get(namespace) ?? 0,
    waiting: own.sort((a, b) => a.since - b.since || compare(a.uid, b.uid)),
  }));
}

function compareClaims(a: Claim, b: Claim): number {
  return (
    a.inProgress - b.inProgress ||
    compare(a.servedAt, b.servedAt) ||
    (a.waiting[0]?.since ?? 0) - (b.waiting[0]?.since ?? 0) ||
    compare(a.namespace, b.namespace)
  );
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
