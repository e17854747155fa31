import { setTimeout as sleep } from 'node:timers/promises';
import type { RealCluster } from '../../support/real-cluster.ts';

const ORDER = ['view', 'controller', 'model', 'repository'];

/**
 * Watches that the components of an environment end in the order of calls, each when the pods of those before are gone.
 *
 * @returns stop: ends it. @returns what was out of order, each once
 */
export function shutdownOrder(real: RealCluster, name: string): { stop(): Promise<string[]> } {
  const problems = new Set<string>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const pods = (await real.world.list('pods', '-l', `restapi.dev/name=${name}`)).map(({ metadata }) => ({
        component: ORDER.indexOf(metadata.labels?.['restapi.dev/component'] ?? ''),
        environment: metadata.labels?.['restapi.dev/environment'] ?? '',
        isEnding: metadata.deletionTimestamp !== undefined,
      }));
      for (const { component, environment, isEnding } of pods) {
        if (!isEnding) continue;
        for (const before of pods.filter((pod) => pod.environment === environment && pod.component < component)) {
          problems.add(`${environment}: ${ORDER[component]} ended while ${ORDER[before.component]} had pods`);
        }
      }
      await sleep(250);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return [...problems];
    },
  };
}
