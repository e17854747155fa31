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
  /** Rollbacks to an earlier revision: automatic after promotion, or requested. */
  rollbacks: number;
}

interface Tally extends ReleaseCounts {
  /** The newest record at the last count. */
  newest: string | undefined;
}

/**
 * Counts the releases that ended since a moment, from the histories in the statuses of RestAPIs. A standby reads the same
 * statuses, so its counts are the same and continue when it takes over. A history keeps ten records; if more releases end
 * between two scrapes, the oldest are missed.
 */
export class ReleaseTally {
  readonly #since: number;
  /** By uid, because a recreated RestAPI starts from 0. */
  #tallies = new Map<string, Tally>();

  /** @param since releases that ended earlier are not counted */
  constructor(since: Date) {
    this.#since = since.getTime();
  }

  /**
   * Updates the counts from all existing RestAPIs and drops those of deleted ones.
   *
   * @returns the counts of the RestAPIs that have or had blue-green releases
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
