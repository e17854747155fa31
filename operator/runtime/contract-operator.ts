import BaseOperator, { type ResourceEvent, type ResourceMeta } from '@dot-i/k8s-operator';
import type { Logger } from '../log/logger.ts';
import type { EventContract } from './event-contract.ts';

/** The package is CommonJS: depending on who loads it, its default export is the module or the class. */
const Base = ((BaseOperator as { default?: unknown }).default ?? BaseOperator) as typeof BaseOperator.default;

/**
 * The class of `@dot-i/k8s-operator` with the methods that its subclasses call, implemented by an EventContract.
 * @internal
 */
export abstract class ContractOperator extends Base {
  /** @internal */
  protected abstract readonly contract: EventContract;

  constructor(logger: Logger) {
    super(plainLogger(logger));
  }

  /** Installs a CRD from a YAML file unless it exists. An existing one is not updated. */
  protected override async registerCustomResourceDefinition(crdFile: string) {
    return this.contract.registerCustomResourceDefinition(crdFile);
  }

  /**
   * Watches a resource. `onEvent` is called for every existing object (as added) and for every later change. Calls for one object
   * never overlap; intermediate states of an object that changes quickly may be skipped.
   */
  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    return this.contract.watchResource({ group, version, plural }, onEvent, namespace);
  }

  /** Replaces the status subresource. @returns the new version, null if the object is gone. @throws ApiError */
  protected override async setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.contract.setStatus(meta, status);
  }

  /** Patches the status subresource (JSON merge patch). @returns the new version, null if the object is gone. @throws ApiError */
  protected override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.contract.patchStatus(meta, status);
  }

  /**
   * Adds the finalizer to a new object, or runs `deleteAction` for one that is being deleted and removes the finalizer.
   * @returns true if the event needs no further handling
   * @throws ApiError if the write fails, and whatever `deleteAction` throws; the event is then retried
   */
  protected override async handleResourceFinalizer(
    event: ResourceEvent,
    finalizer: string,
    deleteAction: (event: ResourceEvent) => Promise<void>,
  ): Promise<boolean> {
    return this.contract.handleFinalizer(event, finalizer, deleteAction, (meta, finalizers) =>
      this.setResourceFinalizers(meta, finalizers),
    );
  }

  /** Sets the finalizers of exactly the version that `meta` names, so that no concurrent change is lost. @throws ApiError */
  protected override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    return this.contract.setFinalizers(meta, finalizers);
  }
}

/** The base class logs plain messages. */
function plainLogger(logger: Logger) {
  return {
    debug: (message: string) => void logger.debug(message),
    info: (message: string) => void logger.info(message),
    warn: (message: string) => void logger.warn(message),
    error: (message: string) => void logger.error(message),
  };
}
