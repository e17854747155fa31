import type { KubernetesObject, StoredObject } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import type { Amounts } from '../../resources/api/resource-amounts.ts';
import type { ComponentName } from '../../resources/index.ts';
import type { PodUse } from './vertical/index.ts';
import type { ResizablePod } from './vertical/resizable-pod.ts';

/** The fields of a PodMetrics (metrics.k8s.io) that are read here. */
export interface PodMetrics extends KubernetesObject {
  /** When it was measured, RFC 3339. */
  timestamp: string;
  containers: { name: string; usage: Amounts }[];
}

/** Usage of the pods of a component at one time. */
export interface ComponentUse {
  /** When, in ms since 1970. */
  at: number;
  pods: PodUse[];
}

/**
 * The usage of the pods of one component of an environment; undefined: not measured. Only the component's own container
 * counts, not injected ones.
 *
 * @param metrics of all pods with the labels of the RestAPI
 * @param own the pods of the component
 */
export function useOf(
  metrics: readonly StoredObject<PodMetrics>[],
  component: ComponentName,
  own: readonly StoredObject[],
): ComponentUse | undefined {
  const names = new Set(own.map(({ metadata }) => metadata.name));
  const pods: PodUse[] = [];
  let at = 0;
  for (const { timestamp, containers } of metrics.filter(({ metadata }) => names.has(metadata.name))) {
    const usage = containers.find(({ name }) => name === component)?.usage;
    if (!usage) continue;
    pods.push({ cpu: quantityValue(usage.cpu ?? 0), memory: quantityValue(usage.memory ?? 0) });
    at = Math.max(at, Date.parse(timestamp));
  }
  return pods.length > 0 && at > 0 ? { at, pods } : undefined;
}

/** A container that was killed for lack of memory. */
export interface Kill {
  /** When, in ms since 1970. */
  at: number;
  /** Bytes it was limited to. */
  had: number;
}

/** The pods of a component that were killed for lack of memory, oldest kill first. */
export function killsOf(pods: readonly StoredObject<ResizablePod>[], component: ComponentName): Kill[] {
  const kills = pods.flatMap(({ spec, status }) => {
    const { state, lastState } = status?.containerStatuses?.find(({ name }) => name === component) ?? {};
    const { limits, requests } = spec.containers.find(({ name }) => name === component)?.resources ?? {};
    const had = limits?.memory ?? requests?.memory;
    return [state?.terminated, lastState?.terminated].flatMap((ended) =>
      ended?.reason === 'OOMKilled' && ended.finishedAt && had !== undefined
        ? [{ at: Date.parse(ended.finishedAt), had: quantityValue(had) }]
        : [],
    );
  });
  return kills.sort((a, b) => a.at - b.at);
}
