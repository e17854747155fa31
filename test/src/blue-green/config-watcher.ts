import { expect } from 'vitest';
import {
  type ConfigMapCopy,
  copiesOf,
  type Revision,
  type StoredRevision,
  versionOf,
} from '../../../resources/index.ts';
import { memoized } from '../../../resources/model/memoized.ts';
import type { ModelCluster } from './model-cluster.ts';

/** The configuration of the pods of an environment is that of its revision, whatever happens to the ConfigMaps. */
export class ConfigWatcher {
  readonly #cluster: ModelCluster;
  readonly #copies: (revision: Revision) => ConfigMapCopy[];
  #seen: readonly StoredRevision[] | undefined;
  readonly #revisions = new Map<string, Revision>();

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster;
    this.#copies = memoized((revision: Revision) => copiesOf(cluster.api, revision.data.configHashes));
  }

  look(): void {
    const { configMaps, environments, lostConfigMaps, revisions } = this.#cluster;
    if (this.#seen !== revisions) for (const revision of revisions) this.#revisions.set(revision.name, revision);
    this.#seen = revisions;
    for (const copy of revisions.flatMap((revision) => this.#copies(revision))) {
      const content = configMaps[copy.name];
      if (content && content.data?.content !== copy.hash) expect(content).toEqual({ data: { content: copy.hash } });
    }
    for (const [name, placed] of Object.entries(environments)) {
      const { model } = placed;
      const revision = this.#revisions.get(model?.revision ?? '');
      if (name === 'main' || !model || !revision) continue;
      const copies = this.#copies(revision).map((copy) => copy.name);
      // A required ConfigMap that did not exist has no copy.
      const named = copies.length > 0 ? model.configMaps.map((one) => one.name) : [];
      if (named.join() !== copies.join()) expect(named).toEqual(copies);
      // It is made before the pods, and collected after them.
      for (const copy of copies) {
        if (!Object.hasOwn(configMaps, copy) && !lostConfigMaps.has(copy)) expect(configMaps).toHaveProperty(copy);
      }
    }
  }

  /** Whether a revision lacked a required ConfigMap that another one of the version has: that one replaces it in place. */
  isCompletedBy(revision: string | undefined, by: string | undefined): boolean {
    const before = this.#revisions.get(revision ?? '');
    return (
      by !== undefined &&
      before !== undefined &&
      versionOf(before.name) === versionOf(by) &&
      Object.values(before.data.configHashes).includes(null)
    );
  }
}

/** Whether pods of a revision cannot start, as a ConfigMap that they need never existed or its copy is lost. */
export function lacksConfig(cluster: ModelCluster, revision: Revision | undefined): boolean {
  if (!revision) return false;
  const hashes = Object.values(revision.data.configHashes);
  const lost = copiesOf(cluster.api, revision.data.configHashes).some(
    ({ name }) => !Object.hasOwn(cluster.configMaps, name),
  );
  return lost || hashes.includes(null);
}
