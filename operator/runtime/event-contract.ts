import { readFileSync } from 'node:fs';
import { type ResourceEvent, ResourceEventType, type ResourceMeta, ResourceMetaImpl } from '@dot-i/k8s-operator';
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { Informer } from '../informer/informer.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import type { Reconnection } from '../informer/reconnection.ts';
import type { ServerHistory } from '../informer/server-history.ts';
import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { WorkQueue, type WorkQueueOptions } from '../queue/work-queue.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../resource/custom-resource-definition.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isAlreadyExists, isNotFound } from '../transport/api-error.ts';
import { resourceEvent } from './resource-event.ts';

/** What the contract needs from the operator it belongs to. */
export interface EventContractServices {
  client: ApiClient;
  fieldManager: string;
  logger: Logger;
  metrics: OperatorMetrics;
  history: ServerHistory;
  informerTimings?: Partial<InformerTimings>;
  queue?: WorkQueueOptions;
  /** Whether events may be handled already. */
  mayHandle: () => boolean;
  /** Aborts when the operator stops. */
  stopping: AbortSignal;
}

/** A resource that is watched by `watchResource`. */
export interface ContractWatch {
  /** `plural.group/version`. */
  name: string;
  informer: Informer<StoredObject>;
  queue: WorkQueue;
}

/**
 * Implements what subclasses of `Operator` know from `@dot-i/k8s-operator`: watches with a callback for each event, and writes
 * of status and finalizers. `Operator` documents how each method differs from the original.
 */
export class EventContract {
  readonly watches: ContractWatch[] = [];
  readonly #services: EventContractServices;
  readonly #types = new Map<string, ResourceType>();

  constructor(services: EventContractServices) {
    this.#services = services;
  }

  async registerCustomResourceDefinition(crdFile: string) {
    const { client, logger } = this.#services;
    const crd = parse(readFileSync(crdFile, 'utf8')) as V1CustomResourceDefinition;
    if (!crd?.apiVersion?.startsWith('apiextensions.k8s.io/')) {
      throw new Error(
        `${crdFile} is not a CustomResourceDefinition: its apiVersion is "${crd?.apiVersion}", not "apiextensions.k8s.io/v1"`,
      );
    }
    try {
      await client.create(CUSTOM_RESOURCE_DEFINITION, crd as never);
      logger.info('Registered CustomResourceDefinition', { name: crd.metadata?.name });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const { group, versions, names } = crd.spec;
    return { group, versions, plural: names.plural };
  }

  async watchResource(
    { group, version, plural }: { group: string; version: string; plural: string },
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const { client, logger, metrics, history, informerTimings, mayHandle, stopping } = this.#services;
    const type: ResourceType = { group, version, plural, kind: '', namespaced: true };
    const id = `${plural}.${apiVersionOf(type)}`;
    this.#types.set(id, type);
    const informer = new Informer<StoredObject>({
      client,
      type,
      namespace,
      logger,
      timings: informerTimings,
      history,
      onReconnect: (reconnection: Reconnection) => metrics.caches.reconnected(type, reconnection),
    } as never);
    const gone = new Map<string, StoredObject>();
    const queue = this.#queue(id, type, informer, gone, onEvent);
    informer.subscribe(({ type: event, object }) => {
      if (event === 'DELETED') gone.set(keyOf(object), object);
      queue.add(keyOf(object));
    });
    this.watches.push({ name: id, informer, queue });
    metrics.queues.show(id, queue);
    informer.start();
    if (mayHandle()) queue.start();
    await informer.synced(stopping);
    logger.info('Watching resource', { resource: id });
  }

  #queue(
    id: string,
    type: ResourceType,
    informer: Informer<StoredObject>,
    gone: Map<string, StoredObject>,
    onEvent: (event: ResourceEvent) => Promise<void>,
  ): WorkQueue {
    const { metrics, logger, queue } = this.#services;
    const handled = new Map<string, StoredObject>();
    return new WorkQueue(
      async (key) => {
        const current = informer.get(...splitKey(key));
        const deleted = gone.get(key);
        if (deleted) {
          await onEvent(resourceEvent(type, ResourceEventType.Deleted, deleted));
          if (gone.get(key) === deleted) gone.delete(key);
          handled.delete(key);
        }
        if (!current) return undefined;
        const known = handled.get(key)?.metadata.uid === current.metadata.uid;
        await onEvent(resourceEvent(type, known ? ResourceEventType.Modified : ResourceEventType.Added, current));
        handled.set(key, current);
        return undefined;
      },
      {
        ...queue,
        name: `watch of ${id}`,
        observer: metrics.controller(id),
        onFailure: (key, error) =>
          logger.error('Event handler failed, retrying', { resource: id, key, ...errorFields(error) }),
        onStuck: (key, ms) =>
          logger.error('Handler has not returned, the object is blocked until it does', {
            resource: id,
            key,
            runningMs: Math.round(ms),
          }),
      },
    );
  }

  async setStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { apiVersion, kind, name, namespace, resourceVersion } = meta;
    const body = { apiVersion, kind, metadata: { name, namespace, resourceVersion }, status };
    const path = resourcePath(this.#typeOf(meta), namespace, name, 'status');
    return this.#unlessGone(meta, () => this.#services.client.request({ method: 'PUT', path, body }));
  }

  async patchStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { client, fieldManager } = this.#services;
    const { name, namespace, resourceVersion } = meta;
    const patch = { metadata: { resourceVersion }, status };
    const options = { subresource: 'status', fieldManager };
    return this.#unlessGone(meta, () => client.mergePatch(this.#typeOf(meta), namespace, name, patch, options));
  }

  /** @param setFinalizers writes the finalizers of the object; a subclass may have replaced it */
  async handleFinalizer(
    event: ResourceEvent,
    finalizer: string,
    deleteAction: (event: ResourceEvent) => Promise<void>,
    setFinalizers: (meta: ResourceMeta, finalizers: string[]) => Promise<void>,
  ): Promise<boolean> {
    const metadata = event.object.metadata;
    if (!metadata || event.type === ResourceEventType.Deleted) return false;
    const finalizers = metadata.finalizers ?? [];
    const ours = finalizers.includes(finalizer);
    if (!metadata.deletionTimestamp) {
      if (ours) return false;
      await setFinalizers(event.meta, [...finalizers, finalizer]);
      return true;
    }
    if (ours) {
      await deleteAction(event);
      const others = finalizers.filter((other) => other !== finalizer);
      await setFinalizers(event.meta, others);
    }
    return true;
  }

  async setFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    const { client, fieldManager } = this.#services;
    const { name, namespace, resourceVersion } = meta;
    const patch = { metadata: { resourceVersion, finalizers } };
    await this.#unlessGone(meta, () => client.mergePatch(this.#typeOf(meta), namespace, name, patch, { fieldManager }));
  }

  #typeOf({ id, namespace }: ResourceMeta): ResourceType {
    const type = this.#types.get(id);
    if (!type) throw new Error(`${id} is not watched by this operator: call watchResource() for it first`);
    // watchResource() does not learn the scope of the kind; an object shows it.
    return { ...type, namespaced: namespace !== undefined };
  }

  async #unlessGone(meta: ResourceMeta, write: () => Promise<unknown>): Promise<ResourceMeta | null> {
    try {
      return ResourceMetaImpl.createWithId(meta.id, (await write()) as never);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }
}

function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf('/');
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
}
