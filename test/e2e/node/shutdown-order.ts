import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredObject } from '../../../operator/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import type { RealCluster } from '../../support/real-cluster.ts';

const ORDER = ['view', 'controller', 'model', 'repository'];

/**
 * Watches that the components of an environment end in the order of calls, each when no container of those before runs. Their
 * pods may be there for moments more: the kubelet reports that the containers have ended, then deletes the pod.
 *
 * @returns `stop` ends it and returns what was out of order, each once
 */
export function shutdownOrder(real: RealCluster, name: string): { stop(): Promise<string[]> } & AsyncDisposable {
  const problems = new Set<string>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const found = await real.world.list<StoredObject<Pod>>('pods', '-l', `restapi.dev/name=${name}`);
      const pods = found.map(({ metadata, status }) => ({
        name: metadata.name,
        component: ORDER.indexOf(metadata.labels?.['restapi.dev/component'] ?? ''),
        environment: metadata.labels?.['restapi.dev/environment'] ?? '',
        created: Date.parse(metadata.creationTimestamp ?? ''),
        endedAt: endedAt(metadata),
        running: status?.phase === 'Running',
      }));
      for (const { name, component, environment, endedAt } of pods) {
        // Not those of the next version, which may start while the last pods of this one end.
        const earlier = pods.filter(
          (pod) => pod.running && pod.environment === environment && pod.component < component && pod.created < endedAt,
        );
        for (const before of earlier) {
          const created = new Date(before.created).toISOString();
          problems.add(`${name} was asked to end at ${new Date(endedAt).toISOString()}, ${before.name} of ${created} ran`);
        }
      }
      await sleep(250);
    }
  })();
  const stop = async () => {
    stopped = true;
    await watching;
    return [...problems];
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** When the deletion of a pod was requested; infinitely early for one without a request. */
function endedAt({ deletionTimestamp, deletionGracePeriodSeconds }: StoredObject['metadata']): number {
  if (deletionTimestamp === undefined) return Number.NEGATIVE_INFINITY;
  return Date.parse(deletionTimestamp) - Number(deletionGracePeriodSeconds ?? 0) * 1_000;
}
