import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../operator/index.ts';
import type { ControlPlane } from '../../operator/testkit/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import { COMPONENT_LABEL, componentSelector, NAME_LABEL } from '../../resources/model/labels.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { POD } from '../workload/kinds.ts';
import type { Pod } from '../workload/pod.ts';
import { dayCurve, playedHour, podLoad } from './played-load.ts';

/** Interval between two changes of the usage, in milliseconds; metrics-server reads it every 10 s. */
const EVERY_MS = 2_000;
/** Failures in a row after which the program ends. */
const MOST_FAILURES = 15;

/** Plays the load of a RestAPI, spread over its running pods, until the lifetime ends. @param dayMs how long a played day takes */
export function playLoad(
  cluster: ControlPlane,
  client: ApiClient,
  api: RestAPI,
  dayMs: number,
  lifetime: Lifetime,
): void {
  const begin = Date.now();
  const playing = (async () => {
    let failures = 0;
    while (!lifetime.signal.aborted) {
      try {
        await setUsage(cluster, client, api, dayCurve(playedHour(Date.now() - begin, dayMs)), lifetime.signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!lifetime.signal.aborted && failures === MOST_FAILURES) {
          lifetime.fail(new Error(`The load cannot be played, start again: ${error}`, { cause: error }));
        }
      }
      await sleep(EVERY_MS, undefined, { signal: lifetime.signal }).catch(() => undefined);
    }
  })();
  lifetime.onEnd('the load', () => playing);
}

async function setUsage(
  cluster: ControlPlane,
  client: ApiClient,
  api: RestAPI,
  level: number,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = api.metadata;
  const running: Record<string, number> = {};
  for await (const { metadata, status } of client.list<Pod>(POD, {
    namespace,
    labelSelector: `${NAME_LABEL}=${name}`,
    signal,
  })) {
    const component = metadata?.labels?.[COMPONENT_LABEL];
    if (component && status?.phase === 'Running') running[component] = (running[component] ?? 0) + 1;
  }
  for (const component of enabledComponents(api)) {
    const load = podLoad(api, component, level, running[component] ?? 0);
    if (!load) continue;
    await cluster.setUsage(
      { ...(namespace && { namespace }), labels: componentSelector(api, component) },
      { cpu: `${Math.max(1, Math.round(load.cpu * 1_000))}m`, memory: `${Math.round(load.memory)}Mi` },
    );
  }
}
