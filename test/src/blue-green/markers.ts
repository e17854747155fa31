import { randomUUID } from 'node:crypto';
import {
  type ApiClient,
  apiVersionOf,
  isAlreadyExists,
  type ResourceType,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { DEPLOYMENTS, ENDPOINT_SLICES, PODS, SERVICES } from './objects.ts';

const NAMESPACE = 'safety-observer';
const NAMESPACES: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
const LABELS = { 'safety-observer': 'marker' };
/** A scheduling gate keeps the pod from running; no controller acts on a paused Deployment or a Service without selector. */
const POD = { containers: [{ name: 'none', image: 'none' }], schedulingGates: [{ name: 'example.com/never' }] };
const MARKERS: [ResourceType, object][] = [
  [SERVICES, { spec: { clusterIP: 'None', ports: [{ port: 1 }] } }],
  [
    DEPLOYMENTS,
    {
      spec: {
        replicas: 0,
        paused: true,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: { containers: POD.containers } },
      },
    },
  ],
  [PODS, { spec: POD }],
  [ENDPOINT_SLICES, { addressType: 'IPv4', endpoints: [] }],
];

/** The kinds that have a marker. */
export const MARKED_KINDS: readonly ResourceType[] = MARKERS.map(([type]) => type);

/**
 * One object of each kind, in a separate namespace without other users. A watch is silent while nothing changes; a write to a
 * marker makes it report how far it has come.
 */
export class Markers {
  readonly #client: ApiClient;
  readonly #name = `marker-${randomUUID()}`;
  #touches = 0;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  async create(): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await this.#client.create(NAMESPACES, namespace).catch((error) => {
      if (!isAlreadyExists(error)) throw error;
    });
    const metadata = { name: this.#name, namespace: NAMESPACE };
    for (const [type, content] of MARKERS) {
      const object = { apiVersion: apiVersionOf(type), kind: type.kind, metadata, ...content };
      // A pod is refused until the namespace has its ServiceAccount.
      await eventually(() => this.#client.create(type, object), { what: `the marker ${type.kind}` });
    }
  }

  /** Writes to each. @returns the resource version of the write by kind: all that happened before has a lower one */
  async touch(): Promise<Map<string, string>> {
    const annotations = { 'safety-observer/touches': String(++this.#touches) };
    const versions = MARKED_KINDS.map(async (type): Promise<[string, string]> => {
      const patch = { metadata: { annotations } };
      const touched = await this.#client.mergePatch<StoredObject>(type, NAMESPACE, this.#name, patch, {
        retry: 'idempotent',
      });
      return [type.kind, touched.metadata.resourceVersion];
    });
    return new Map(await Promise.all(versions));
  }

  async delete(): Promise<void> {
    await Promise.all(MARKED_KINDS.map((type) => this.#client.delete(type, NAMESPACE, this.#name)));
  }
}
