import type { KubernetesObject, ResourceType, StoredObject } from '../../../operator/index.ts';

/** What of the watched kinds is read here. */
export type Service = StoredObject<
  KubernetesObject & {
    spec: { selector?: Record<string, string> | null; ports?: { name?: string; port: number }[] };
  }
>;

export type Deployment = StoredObject<
  KubernetesObject & { spec: { replicas: number; template: { metadata: { labels: Record<string, string> } } } }
>;

export type Pod = StoredObject<
  KubernetesObject & {
    spec: { containers: Container[] };
    status?: { conditions?: { type: string; status: string }[] };
  }
>;

export interface Container {
  image: string;
  env?: { name: string; value?: string }[];
  ports?: { containerPort: number }[];
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
}

export type EndpointSlice = StoredObject<
  KubernetesObject & {
    ports?: { name?: string; port?: number }[] | null;
    endpoints?: Endpoint[] | null;
  }
>;

export interface Endpoint {
  conditions?: { ready?: boolean };
  targetRef?: { name: string; uid: string };
}

export const SERVICES: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};
export const DEPLOYMENTS: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const PODS: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
export const ENDPOINT_SLICES: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};

/** Whether a pod takes part in its Services: Ready, and not on its way out. */
export function isServing({ metadata, status }: Pick<Pod, 'metadata' | 'status'>): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready && metadata.deletionTimestamp === undefined;
}

/** Whether new connections may go to an endpoint; left out means yes, as in the EndpointSlice API. */
export function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}
