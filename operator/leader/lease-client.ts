import { Informer } from '../informer/informer.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { CallOptions } from '../transport/api-client-types.ts';
import type { ElectionSettings } from './election-options.ts';
import { type Lease, type LeaseWrite, specAfter } from './lease.ts';

const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** Reads, writes and watches the Lease of one election. */
export class LeaseClient {
  readonly #client: ApiClient;
  readonly #settings: ElectionSettings;

  constructor(client: ApiClient, settings: ElectionSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** Creates an informer of the Lease, not started. */
  informer(logger: Logger): Informer<StoredObject<Lease>> {
    const { namespace, name } = this.#settings;
    return new Informer<StoredObject<Lease>>({
      client: this.#client,
      type: LEASE,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      logger,
    });
  }

  /** Reads the Lease. ApiError 404 when there is none. */
  get(call: CallOptions): Promise<StoredObject<Lease>> {
    const { namespace, name } = this.#settings;
    return this.#client.get<StoredObject<Lease>>(LEASE, namespace, name, call);
  }

  /** Writes the Lease on the condition that it is unchanged since `known`. @returns what is stored now */
  write(known: Lease | undefined, write: LeaseWrite, call: CallOptions): Promise<StoredObject<Lease>> {
    const { namespace, name, identity, leaseDurationSeconds } = this.#settings;
    const spec = specAfter(known, write, identity, leaseDurationSeconds, new Date());
    if (known) {
      const { uid, resourceVersion } = known.metadata ?? {};
      return this.#client.mergePatch(LEASE, namespace, name, { metadata: { uid, resourceVersion }, spec }, call);
    }
    const metadata = { name, namespace };
    const created = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return this.#client.create<Lease>(LEASE, created, call) as Promise<StoredObject<Lease>>;
  }
}
