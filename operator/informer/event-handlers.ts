import type { KubernetesObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { InformerEvent, InformerHandler } from './informer-event.ts';

/** The subscribers of an informer. A handler that throws, or whose promise rejects, is logged and keeps its subscription. */
export class EventHandlers<T extends KubernetesObject> {
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Adds a handler and calls it with `existing` events, before this returns.
   *
   * @returns a function that ends the subscription
   */
  add(handler: InformerHandler<T>, existing: Iterable<InformerEvent<T>>): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own: InformerHandler<T> = (event) => handler(event);
    this.#handlers.add(own);
    for (const event of existing) this.#call(own, event);
    return () => {
      this.#handlers.delete(own);
    };
  }

  /** Calls the current handlers with each event. Handlers that subscribe meanwhile already received the whole cache. */
  dispatch(events: Iterable<InformerEvent<T>>): void {
    const handlers = [...this.#handlers];
    for (const event of events) {
      for (const handler of handlers) if (this.#handlers.has(handler)) this.#call(handler, event);
    }
  }

  #call(handler: InformerHandler<T>, event: InformerEvent<T>): void {
    try {
      // A handler declared as async fails by its promise.
      const returned: unknown = handler(event);
      if (returned instanceof Promise) returned.catch((error) => this.#failed(event, error));
    } catch (error) {
      this.#failed(event, error);
    }
  }

  #failed({ type, object }: InformerEvent<T>, error: unknown): void {
    const { namespace, name } = object.metadata ?? {};
    this.#logger.error('Event handler failed', { event: type, namespace, name, ...errorFields(error) });
  }
}
