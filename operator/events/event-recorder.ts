import { hostname } from 'node:os';
import { within } from '../async/within.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { plainText } from '../log/plain-text.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';

const EVENT: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** Repeats of an Event within this time are suppressed, in milliseconds. */
const QUIET_MS = 10 * 60_000;
/** How many Events are remembered to suppress repeats; the oldest are forgotten first. */
const REMEMBERED = 4_096;
/** Server's limit for `note`, characters (k8s.io/api/events/v1). */
const MAX_NOTE = 1_024;
/** Events waiting to be written; beyond it the oldest are dropped. */
const MAX_PENDING = 256;
/** Concurrent writes. */
const WRITERS = 2;
/** How long flush() waits, milliseconds. It delays the takeover by a standby. */
const FLUSH_MS = 1_000;

/** An Event about an object. */
export interface EventInput {
  type: 'Normal' | 'Warning';
  /** Machine-readable reason, one CamelCase word. */
  reason: string;
  /** What the operator did or tried, one CamelCase word. */
  action: string;
  /** Human-readable description; hidden characters are replaced, and it is cut at 1,024 characters. */
  note: string;
}

/** An Event to be written. */
interface Pending {
  event: object;
  reason: string;
}

/**
 * Writes Kubernetes Events (`kubectl describe`, `kubectl events`). Best effort: an Event that cannot be written is logged and
 * lost, and never fails a reconcile. Repeats are suppressed, so that a lasting problem costs one write in ten minutes.
 *
 * Events have a lane of their own, two requests at a time, so that no reconcile waits for them. At most 256 are queued; beyond
 * that the oldest are dropped, which is logged when it begins and, with their number, when it ends.
 *
 * @example
 * ```ts
 * const events = new EventRecorder(client, 'greeting-operator', logger);
 * events.record(greeting, { type: 'Normal', reason: 'Greeted', action: 'Greet', note: 'Said hello' });
 * ```
 */
export class EventRecorder {
  readonly #client: ApiClient;
  readonly #controller: string;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #recent = new Map<string, number>();
  readonly #pending = new Set<Pending>();
  #writers = 0;
  #dropped = 0;
  /** How many of #dropped have been logged. */
  #droppedLogged = 0;
  #onIdle: (() => void)[] = [];

  /**
   * @param client a lane of it is used; closing the client ends the lane
   * @param controller the reporting controller, such as `restapi-operator`
   */
  constructor(client: ApiClient, controller: string, logger: Logger) {
    this.#client = client.lane({ maxConcurrentRequests: WRITERS });
    this.#controller = controller;
    this.#instance = `${controller}-${hostname()}`.slice(0, 128);
    this.#logger = logger;
  }

  /** How many Events were dropped so far because too many were queued. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Queues an Event about an object. Returns at once. */
  record(object: StoredObject, { type, reason, action, ...input }: EventInput): void {
    const note = plainText(input.note);
    const { uid, name, namespace, resourceVersion } = object.metadata;
    const repeat = `${uid}/${reason}/${note}`;
    const now = Date.now();
    if (now - (this.#recent.get(repeat) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#recent.delete(repeat);
    this.#recent.set(repeat, now);
    if (this.#recent.size > REMEMBERED) this.#recent.delete(this.#recent.keys().next().value as string);

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
      note: note.length > MAX_NOTE ? `${note.slice(0, MAX_NOTE - 1).toWellFormed()}…` : note,
      regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
    };
    this.#pending.add({ event, reason });
    if (this.#pending.size > MAX_PENDING) this.#dropOldest();
    if (this.#writers < WRITERS) void this.#writeAll();
  }

  /** Writes queued Events, one after the other, until none is left. */
  async #writeAll(): Promise<void> {
    this.#writers += 1;
    for (const pending of this.#pending) {
      this.#pending.delete(pending);
      await this.#write(pending);
    }
    this.#writers -= 1;
    if (this.#writers > 0) return;
    this.#logDropped();
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
    // Once per burst; #logDropped() logs the number when it is over.
    if (this.#dropped - this.#droppedLogged > 1) return;
    this.#logger.warn('Event queue full, dropping the oldest Event', {
      pending: MAX_PENDING,
      reason: oldest.reason,
    });
  }

  #logDropped(): void {
    const dropped = this.#dropped - this.#droppedLogged;
    if (dropped === 0) return;
    this.#droppedLogged = this.#dropped;
    this.#logger.warn('Dropped Events that could not be written in time', { dropped });
  }

  /**
   * Resolves when every Event recorded so far is written or lost, after `deadlineMs` at the latest. Events still queued then are
   * dropped, so that a stopping operator does not wait for an unresponsive server.
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
    this.#logDropped();
  }
}
