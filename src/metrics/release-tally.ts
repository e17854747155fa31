import type { StoredObject } from '../../operator/index.ts';
import {
  RELEASE_RESULTS,
  type ReleaseRecord,
  type ReleaseResult,
  type RestAPI,
  type RestAPIStatus,
} from '../../resources/index.ts';

/** How the releases of one RestAPI ended. */
export interface ReleaseCounts {
  results: Record<ReleaseResult, number>;
  /** Returns to an earlier revision: after a rejection, or by the annotation rollback-to. */
  rollbacks: number;
}

interface Tally extends ReleaseCounts {
  /** The record that was the newest when it was last counted. */
  newest: string | undefined;
}

/**
 * Counts the releases that ended since a moment, from the histories in the statuses of RestAPIs. A standby sees the same
 * statuses, so it counts the same, and goes on counting when it takes over. A history has ten records: of more than that
 * between two counts the oldest are missed.
 */
export class ReleaseTally {
  readonly #since: number;
  /** By uid: one of the same name is another one. */
  #tallies = new Map<string, Tally>();

  /** @param since what ended before is not counted */
  constructor(since: Date) {
    this.#since = since.getTime();
  }

  /**
   * Counts the releases of all RestAPIs, and forgets RestAPIs that are not among them.
   *
   * @returns the counts of those that have, or had, releases
   */
  count(apis: readonly StoredObject<RestAPI>[]): { api: StoredObject<RestAPI>; counts: ReleaseCounts }[] {
    const tallies = new Map<string, Tally>();
    const counted = apis.flatMap((api) => {
      const { uid } = api.metadata;
      const tally = this.#tallies.get(uid);
      if (!tally && !api.status?.environments && !api.status?.history) return [];
      const counts = this.#counted(tally, api.status ?? {});
      tallies.set(uid, counts);
      return [{ api, counts }];
    });
    this.#tallies = tallies;
    return counted;
  }

  #counted(before: Tally | undefined, { history = [], rollback }: RestAPIStatus): Tally {
    const known = history.findIndex((record) => identity(record) === before?.newest);
    const ended = known < 0 ? history : history.slice(0, known);
    const counts: Tally = {
      results: { ...(before?.results ?? NONE) },
      rollbacks: before?.rollbacks ?? 0,
      newest: history[0] ? identity(history[0]) : before?.newest,
    };
    for (const { result, revision, at } of ended) {
      if (!before && Date.parse(at) < this.#since) continue;
      counts.results[result] += 1;
      if (result === 'RolledBack' || (result === 'Promoted' && revision === rollback?.to)) counts.rollbacks += 1;
    }
    return counts;
  }
}

const NONE = Object.fromEntries(RELEASE_RESULTS.map((result) => [result, 0])) as Record<ReleaseResult, number>;

function identity({ at, revision, result }: ReleaseRecord): string {
  return `${at} ${revision} ${result}`;
}
