import { hostname } from 'node:os';
import { within } from '../async/within.ts';
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
/** Events waiting to be written; beyond it the oldest are dropped. */
const MAX_PENDING = 256;
/** Events being written at once. */
const WRITERS = 2;
/** How long flush() waits, milliseconds: a standby waits for as long at a hand-over. */
const FLUSH_MS = 1_000;

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

/** An Event on its way. */
interface Pending {
  event: object;
  reason: string;
}

/**
 * Writes Kubernetes Events (`kubectl describe`, `kubectl events`). Best effort: an Event that cannot be written is
 * logged and lost, and never fails a reconcile. Repeats are left out, so that a trouble that lasts costs one write
 * in ten minutes.
 *
 * Events go through a lane of their own, two at a time: no reconcile waits for them, however many there are and however
 * slowly the server takes them. At most 256 wait; beyond that the oldest are dropped, which is logged when it begins and,
 * with their number, when it is over.
 */
export class EventRecorder {
  readonly #client: ApiClient;
  readonly #controller: string;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #said = new Map<string, number>();
  readonly #pending = new Set<Pending>();
  #writers = 0;
  #dropped = 0;
  /** Of #dropped, those that the log tells of. */
  #droppedTold = 0;
  #onIdle: (() => void)[] = [];

  /**
   * @param client the one whose lane is taken; closing it ends the lane
   * @param controller who speaks, such as `restapi-operator`
   */
  constructor(client: ApiClient, controller: string, logger: Logger) {
    this.#client = client.lane({ maxConcurrentRequests: WRITERS });
    this.#controller = controller;
    this.#instance = `${controller}-${hostname()}`.slice(0, 128);
    this.#logger = logger;
  }

  /** How many Events were dropped so far because too many waited. */
  get dropped(): number {
    return this.#dropped;
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
    this.#pending.add({ event, reason });
    if (this.#pending.size > MAX_PENDING) this.#dropOldest();
    if (this.#writers < WRITERS) void this.#writeAll();
  }

  /** Writes what waits, one after the other, until nothing does. */
  async #writeAll(): Promise<void> {
    this.#writers += 1;
    for (const pending of this.#pending) {
      this.#pending.delete(pending);
      await this.#write(pending);
    }
    this.#writers -= 1;
    if (this.#writers > 0) return;
    this.#tellDropped();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  async #write({ event, reason }: Pending): Promise<void> {
    try {
      await this.#client.create(EVENT, event as never);
    } catch (error) {
      this.#logger.warn('Could not write Event', { reason, ...errorFields(error) });
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#pending;
    if (oldest === undefined) return;
    this.#pending.delete(oldest);
    this.#dropped += 1;
    // Once in a burst; the rest is told when it is over.
    if (this.#dropped - this.#droppedTold > 1) return;
    this.#logger.warn('Event queue full, dropping the oldest Event', {
      pending: MAX_PENDING,
      reason: oldest.reason,
    });
  }

  #tellDropped(): void {
    const dropped = this.#dropped - this.#droppedTold;
    if (dropped === 0) return;
    this.#droppedTold = this.#dropped;
    this.#logger.warn('Dropped Events that could not be written in time', { dropped });
  }

  /**
   * Resolves when every Event recorded so far is written or lost, after `deadlineMs` at the latest; those that still wait
   * then are dropped, so that a stopping operator does not wait for a server that does not answer.
   */
  async flush(deadlineMs = FLUSH_MS): Promise<void> {
    if (this.#writers === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
    await within(idle, deadlineMs);
    if (this.#writers === 0) return;
    this.#dropped += this.#pending.size;
    this.#pending.clear();
    this.#tellDropped();
  }
}
