import { expect } from 'vitest';
import { type Front, type RejectionStatus, versionOf } from '../../../resources/index.ts';
import { concerns } from '../../../src/blue-green/decision-scope.ts';
import type { ModelCluster } from './model-cluster.ts';

/** Watches that no rejected version becomes active again before a user has let it go. */
export class RejectionWatcher {
  readonly #cluster: ModelCluster;
  #rejected: RejectionStatus[] = [];
  /** Versions that a user let go since they were rejected. */
  readonly #letGo = new Set<string>();

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster;
  }

  look(): void {
    const { metadata, spec, status } = this.#cluster.api;
    const { rejections = [] } = status ?? {};
    const isNew = (rejection: RejectionStatus) => !this.#rejected.some((each) => isSame(each, rejection));
    for (const rejection of rejections.filter(isNew)) this.#letGo.delete(versionOf(rejection.revision));
    for (const verb of ['retry', 'rollback-to']) {
      const named = metadata.annotations?.[`restapi.dev/${verb}`];
      if (named !== undefined) this.#letGo.add(versionOf(named));
    }
    // Without blue-green releases there is nothing to hold back.
    const left = spec.blueGreen?.enabled ? this.#rejected.filter((each) => !this.#isForgotten(each, rejections)) : [];
    this.#rejected = [...rejections, ...left.filter((each) => !rejections.some((other) => isSame(each, other)))];
  }

  switched({ revision }: Front): void {
    if (revision === undefined) return;
    expect(this.#rejected.filter((rejection) => concerns(rejection, revision))).toEqual([]);
  }

  /** Whether it is no longer in the status because a user let it go. */
  #isForgotten(rejection: RejectionStatus, rejections: readonly RejectionStatus[]): boolean {
    return !rejections.some((each) => isSame(each, rejection)) && this.#letGo.has(versionOf(rejection.revision));
  }
}

function isSame(one: RejectionStatus, other: RejectionStatus): boolean {
  return one.revision === other.revision && one.at === other.at;
}
