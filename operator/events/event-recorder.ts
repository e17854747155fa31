import { hostname } from 'node:os';
import type { StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';

const EVENT: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** The same thing is not said again about an object within this time, in milliseconds. */
const QUIET_MS = 10 * 60_000;
/** How many things said are remembered; the oldest are forgotten first. */
const REMEMBERED = 4_096;
/** Server's limit for `note`, characters (k8s.io/api/events/v1). */
const MAX_NOTE = 1_024;

/** What a person should be told about an object. */
export interface EventInput {
  type: 'Normal' | 'Warning';
  /** Why, as one CamelCase word. */
  reason: string;
  /** What the operator did or tried, as one CamelCase word. */
  action: string;
  /** In words for a person; longer than 1,024 characters is cut. */
  note: string;
}

/**
 * Writes Kubernetes Events (`kubectl describe`, `kubectl events`). Best effort: an Event that cannot be written is
 * logged and lost, and never fails a reconcile. Repeats are left out, so that a trouble that lasts costs one write
 * in ten minutes.
 */
export class EventRecorder {
  readonly #client: ApiClient;
  readonly #controller: string;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #said = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();

  /** @param controller who speaks, such as `restapi-operator` */
  constructor(client: ApiClient, controller: string, logger: Logger) {
    this.#client = client;
    this.#controller = controller;
    this.#instance = `${controller}-${hostname()}`.slice(0, 128);
    this.#logger = logger;
  }

  /** Says something about an object. Returns at once. */
  record(object: StoredObject, { type, reason, action, note }: EventInput): void {
    const { uid, name, namespace, resourceVersion } = object.metadata;
    const said = `${uid}/${reason}/${note}`;
    const now = Date.now();
    if (now - (this.#said.get(said) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#said.delete(said);
    this.#said.set(said, now);
    if (this.#said.size > REMEMBERED) this.#said.delete(this.#said.keys().next().value as string);

    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: {
        name: `${name.slice(0, 230)}.${now.toString(16)}${Math.floor(Math.random() * 0xffff).toString(16)}`,
        namespace: namespace ?? 'default',
      },
      eventTime: new Date(now).toISOString().replace('Z', '000Z'),
      reportingController: this.#controller,
      reportingInstance: this.#instance,
      type,
      reason,
      action,
      note: note.length > MAX_NOTE ? `${note.slice(0, MAX_NOTE - 1)}…` : note,
      regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
    };
    const writing = this.#write(event, reason).finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
  }

  async #write(event: object, reason: string): Promise<void> {
    try {
      await this.#client.create(EVENT, event as never);
    } catch (error) {
      this.#logger.warn('an Event could not be written', { reason, ...errorFields(error) });
    }
  }

  /** Resolves when every Event recorded so far is written or lost. Each has the transport's deadline. */
  async flush(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
