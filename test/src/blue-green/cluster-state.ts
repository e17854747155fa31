import type { StoredObject } from '../../../operator/index.ts';
import { ENVIRONMENT_LABEL } from './labels.ts';
import type { Deployment, EndpointSlice, Pod, Service } from './objects.ts';

/** One change of one object, as a watch reports it. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: StoredObject;
}

type WatchedKind = 'Service' | 'Deployment' | 'Pod' | 'EndpointSlice';

/** The objects of one namespace at one moment. */
export class ClusterState {
  readonly #objects: Record<WatchedKind, Map<string, StoredObject>> = {
    Service: new Map(),
    Deployment: new Map(),
    Pod: new Map(),
    EndpointSlice: new Map(),
  };
  /** Environments of all pods ever seen, by uid: an EndpointSlice may name a pod a moment longer than it exists. */
  readonly #environments = new Map<string, string | undefined>();

  take({ type, object }: Change): void {
    const { metadata } = object;
    const kind = object.kind as WatchedKind;
    const objects = this.#objects[kind];
    if (type === 'DELETED') objects.delete(metadata.name);
    else objects.set(metadata.name, object);
    if (kind === 'Pod') this.#environments.set(metadata.uid, metadata.labels?.[ENVIRONMENT_LABEL]);
  }

  service(name: string): Service | undefined {
    return this.#objects.Service.get(name) as Service | undefined;
  }

  get deployments(): Deployment[] {
    return this.#all('Deployment');
  }

  get pods(): Pod[] {
    return this.#all('Pod');
  }

  get endpointSlices(): EndpointSlice[] {
    return this.#all('EndpointSlice');
  }

  /** The environment of a pod, also of one that is no more. */
  environmentOf(uid: string | undefined): string | undefined {
    return uid === undefined ? undefined : this.#environments.get(uid);
  }

  #all<T>(kind: WatchedKind): T[] {
    return [...this.#objects[kind].values()] as T[];
  }
}
