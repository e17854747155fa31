import type { KindCache } from '../informer/kind-cache.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Contention } from '../reconcile/contention.ts';
import { mergePatch } from '../reconcile/merge-patch.ts';
import type { PendingWrites } from '../reconcile/pending-writes.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isNotFound } from '../transport/api-error.ts';
import { type HeldStatus, StatusBrake } from './status-brake.ts';

/** The dependencies of a PrimaryWriter. */
export interface PrimaryWriterOptions {
  client: ApiClient;
  type: ResourceType;
  fieldManager: string;
  primaries: KindCache;
  ownWrites: PendingWrites;
  contention: Contention;
}

/**
 * Writes finalizers, status and annotations of the resources a controller reconciles. Every patch is bound to the uid and the
 * version that was read: after a change in between, for another object of the same name, or from a suspended process the server answers 409.
 */
export class PrimaryWriter {
  readonly #options: PrimaryWriterOptions;
  readonly #statusBrake: StatusBrake;

  constructor(options: PrimaryWriterOptions) {
    this.#options = options;
    this.#statusBrake = new StatusBrake(options.contention.brake);
  }

  /** Adds a finalizer if it is missing. @returns the resource as stored after that @throws ApiError */
  async ensureFinalizer(
    key: string,
    primary: StoredObject,
    finalizer: string,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const finalizers = primary.metadata.finalizers ?? [];
    if (finalizers.includes(finalizer)) return primary;
    return this.#patchMetadata(key, primary, { finalizers: [...finalizers, finalizer] }, signal);
  }

  /** Removes a finalizer. @throws ApiError */
  async removeFinalizer(key: string, primary: StoredObject, finalizer: string, signal: AbortSignal): Promise<void> {
    const finalizers = (primary.metadata.finalizers ?? []).filter((other) => other !== finalizer);
    await this.#patchMetadata(key, primary, { finalizers }, signal);
  }

  /**
   * Replaces the status if it differs.
   * @returns the resource as stored after that; `held`: another writer keeps changing the status, so this write has to wait
   * @throws ApiError
   */
  async patchStatus(
    key: string,
    primary: StoredObject,
    status: object | undefined,
    signal: AbortSignal,
  ): Promise<{ stored: StoredObject; held?: HeldStatus }> {
    if (!status) return { stored: primary };
    const patch = mergePatch((primary as { status?: object }).status, status);
    let stored = primary;
    const held = await this.#statusBrake.write(primary.metadata.uid, status, patch !== undefined, async () => {
      stored = await this.#patch(key, primary, { status: patch ?? {} }, 'status', signal);
    });
    return { stored, ...(held && { held }) };
  }

  /** Removes annotations, ignoring missing ones. @returns the resource as stored after that @throws ApiError */
  async removeAnnotations(
    key: string,
    primary: StoredObject,
    annotations: readonly string[],
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const there = primary.metadata.annotations ?? {};
    const removed = annotations.filter((annotation) => annotation in there).map((annotation) => [annotation, null]);
    if (removed.length === 0) return primary;
    return this.#patchMetadata(key, primary, { annotations: Object.fromEntries(removed) }, signal);
  }

  #patchMetadata(key: string, primary: StoredObject, metadata: object, signal: AbortSignal): Promise<StoredObject> {
    // A merge patch replaces a whole list: only the version it was made from may meet it, so that no other finalizer is lost.
    return this.#patch(key, primary, { metadata }, undefined, signal);
  }

  /** @returns the resource as stored after that, the one given if it is gone @throws ApiError */
  async #patch(
    key: string,
    primary: StoredObject,
    patch: { metadata?: object; status?: object },
    subresource: 'status' | undefined,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const { client, type, fieldManager, primaries, ownWrites } = this.#options;
    const { namespace, name, uid, resourceVersion } = primary.metadata;
    const body = { ...patch, metadata: { ...patch.metadata, uid, resourceVersion } };
    try {
      const options = { subresource, fieldManager, signal };
      const answer: StoredObject = await client.mergePatch(type, namespace, name, body, options);
      const stored = type.complete?.(answer) ?? answer;
      ownWrites.wrote(key, primaries.of(namespace), stored);
      return stored;
    } catch (error) {
      if (isNotFound(error)) return primary;
      throw error;
    }
  }
}
