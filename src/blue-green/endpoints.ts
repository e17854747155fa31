import type { KubernetesObject, StoredObject } from '../../operator/index.ts';

/** The fields of an EndpointSlice that are read here. */
export interface EndpointSlice extends KubernetesObject {
  ports?: { name?: string }[] | null;
  endpoints?: { conditions?: { ready?: boolean }; targetRef?: { name?: string } }[] | null;
}

/**
 * Returns the names of the ready pods behind a port of a Service.
 * @param slices of any Service
 */
export function podsBehind(service: string, port: string, slices: readonly StoredObject<EndpointSlice>[]): Set<string> {
  const pods = new Set<string>();
  for (const { metadata, ports, endpoints } of slices) {
    if (metadata.labels?.['kubernetes.io/service-name'] !== service || !ports?.some(({ name }) => name === port))
      continue;
    for (const { conditions, targetRef } of endpoints ?? []) {
      if (conditions?.ready && targetRef?.name) pods.add(targetRef.name);
    }
  }
  return pods;
}
