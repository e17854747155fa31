import { Agent } from 'node:http';
import type { Cancel, Connections, LoadRequest, Settle } from './outcome.ts';
import { sendHttp1 } from './send-http1.ts';

/** A new connection for each request. */
export class NewConnections implements Connections {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: false });
  #opened = 0;

  constructor(url: URL) {
    this.#url = url;
  }

  get opened(): number {
    return this.#opened;
  }

  send(what: LoadRequest, settle: Settle): Cancel {
    this.#opened += 1;
    const sent = sendHttp1(this.#url, this.#agent, what, settle);
    return () => void sent.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Shorter than servers keep unused connections (Node: 5 s), so that no request meets the server's close. Milliseconds. */
const KEEP_MS = 2_000;

/** A kept connection, or the place of one that is closed and opened again by the next request. */
interface Slot {
  agent: Agent;
  /** When its last request ended, by performance.now(). */
  idleSince: number;
  /** Requests in flight; a second one only for a moment, when a request is retried. */
  busy: number;
}

/**
 * Kept connections, used in turn so that all stay in use. More are opened while all are busy, and are kept as well. A
 * connection that was unused for two seconds, or that the server closed while it was, is opened again by the next request.
 */
export class KeptConnections implements Connections {
  readonly #url: URL;
  readonly #slots: Slot[];
  #next = 0;
  #opened = 0;

  constructor(url: URL, count: number) {
    this.#url = url;
    this.#slots = Array.from({ length: count }, newSlot);
  }

  get opened(): number {
    return this.#opened;
  }

  send(what: LoadRequest, settle: Settle): Cancel {
    return this.#sendOn(this.#takeIdle(), what, settle);
  }

  close(): void {
    for (const { agent } of this.#slots) agent.destroy();
  }

  #sendOn(slot: Slot, what: LoadRequest, settle: Settle): Cancel {
    slot.busy += 1;
    // With as many connections as a stall has opened, each one's turn comes late.
    if (slot.busy === 1 && performance.now() - slot.idleSince > KEEP_MS) slot.agent.destroy();
    const sent = sendHttp1(this.#url, slot.agent, what, (outcome, cutEarly) => {
      // The connection is gone, so the retry opens a new one. A POST is not idempotent.
      const retriable = cutEarly && what.method === 'GET';
      settle(retriable ? { ...outcome, retry: (again) => this.#sendOn(slot, what, again) } : outcome);
    });
    sent.once('socket', () => {
      if (!sent.reusedSocket) this.#opened += 1;
    });
    sent.once('close', () => {
      slot.busy -= 1;
      slot.idleSince = performance.now();
    });
    return () => void sent.destroy();
  }

  #takeIdle(): Slot {
    for (let tried = 0; tried < this.#slots.length; tried++) {
      const slot = this.#slots[this.#next++ % this.#slots.length] as Slot;
      if (slot.busy === 0) return slot;
    }
    const slot = newSlot();
    this.#slots.push(slot);
    return slot;
  }
}

function newSlot(): Slot {
  return { agent: new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 }), idleSince: 0, busy: 0 };
}
