import type { KubernetesObject, StoredObject } from '../../operator/index.ts';
import { isPodOf } from '../workload/own-pods.ts';
import type { Pod } from '../workload/pod.ts';

/** The fields of an EndpointSlice that are read here. */
export interface EndpointSlice extends KubernetesObject {
  ports?: { name?: string }[] | null;
  endpoints?: { conditions?: { ready?: boolean }; targetRef?: { name?: string; uid?: string } }[] | null;
}

/** A ready endpoint that is a pod. */
export interface PodEndpoint {
  name: string;
  /** The observed pod; undefined: the cache of pods does not have it, or has another one of that name. */
  pod: StoredObject<Pod> | undefined;
}

/**
 * Returns the ready pods behind a port of a Service.
 *
 * @param slices of any Service
 * @param pods the observed ones
 */
export function podsBehind(
  service: string,
  port: string,
  slices: readonly StoredObject<EndpointSlice>[],
  pods: readonly StoredObject<Pod>[],
): PodEndpoint[] {
  const found = new Map<string, PodEndpoint>();
  for (const { metadata, ports, endpoints } of slices) {
    if (metadata.labels?.['kubernetes.io/service-name'] !== service || !ports?.some(({ name }) => name === port))
      continue;
    for (const { conditions, targetRef } of endpoints ?? []) {
      const { name, uid } = targetRef ?? {};
      if (!conditions?.ready || !name) continue;
      const pod = pods.find(({ metadata: own }) => own.name === name && (uid === undefined || own.uid === uid));
      found.set(name, { name, pod });
    }
  }
  return [...found.values()];
}

/**
 * Whether an endpoint is a pod that was created for a Deployment. The names of pods alone are no proof: those of a RestAPI
 * `shop-view` begin with that of the Deployment `shop-view` of a RestAPI `shop`.
 */
export function isEndpointOf({ pod }: PodEndpoint, deployment: string): boolean {
  return pod !== undefined && isPodOf(pod, deployment);
}
