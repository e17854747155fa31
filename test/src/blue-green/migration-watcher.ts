import { expect } from 'vitest';
import { type Colour, type EnvironmentName, versionOf } from '../../../resources/index.ts';
import type { ModelCluster } from './model-cluster.ts';

const COLOURS: readonly (EnvironmentName & Colour)[] = ['blue', 'green'];

/** Watches that no version gets its first pod before its migration has succeeded, and that none is migrated twice. */
export class MigrationWatcher {
  /** Migrations that succeeded. */
  migrations = 0;
  readonly #cluster: ModelCluster;
  /** Versions that may have pods. */
  readonly #allowed = new Set<string>();
  readonly #seenJobs = new Set<string>();

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster;
  }

  look(): void {
    const { api, environments, front, hookJobs } = this.#cluster;
    const { hooks, enabled } = api.spec.blueGreen ?? {};
    const isRequired = Boolean(enabled && hooks?.migrate);
    for (const [name, { hook, revision, result }] of Object.entries(hookJobs)) {
      if (hook !== 'migrate' || revision === undefined) continue;
      const isNew = !this.#seenJobs.has(name);
      if (isNew && api.status?.migrated?.includes(versionOf(revision))) {
        expect({ revision, migrated: api.status.migrated }).toEqual('it is not migrated again');
      }
      this.#seenJobs.add(name);
      if (!result?.ok || this.#allowed.has(versionOf(revision))) continue;
      this.#allowed.add(versionOf(revision));
      this.migrations++;
    }
    // What serves in `main` had pods before there were revisions.
    if (front?.environment === 'main' && front.revision) this.#allowed.add(versionOf(front.revision));
    for (const name of COLOURS) {
      for (const { revision, replicas } of Object.values(environments[name] ?? {})) {
        if (revision === undefined || replicas === 0) continue;
        const version = versionOf(revision);
        // What has pods when the hook is added is not stopped for it.
        if (!isRequired) this.#allowed.add(version);
        else if (!this.#allowed.has(version))
          expect({ name, revision, front, replicas, status: api.status }).toEqual('it is migrated first');
      }
    }
  }
}
