import { type ClientHttp2Session, connect } from 'node:http2';
import type { Cancel, Connections, LoadRequest, Settle } from './outcome.ts';
import { sendHttp2 } from './send-http2.ts';

/** A kept session. */
interface Slot {
  session: ClientHttp2Session;
  answers: number;
  /** Of the server's GOAWAY. */
  lastStreamId: number | undefined;
}

/**
 * Kept HTTP/2 sessions without TLS, used in turn. Requests in flight on a session that gets GOAWAY may finish; the next
 * request opens another one, as it does after the server closed the session.
 */
export class Http2Sessions implements Connections {
  readonly #url: URL;
  readonly #slots: (Slot | undefined)[];
  readonly #open = new Set<ClientHttp2Session>();
  #next = 0;
  #opened = 0;

  constructor(url: URL, count: number) {
    this.#url = url;
    this.#slots = Array.from({ length: count }, () => undefined);
  }

  get opened(): number {
    return this.#opened;
  }

  send(what: LoadRequest, settle: Settle): Cancel {
    return this.#sendOn(this.#next++ % this.#slots.length, what, settle);
  }

  close(): void {
    for (const session of this.#open) session.destroy();
  }

  #sendOn(at: number, what: LoadRequest, settle: Settle): Cancel {
    const slot = this.#usable(at);
    const before = slot.answers;
    const cancel = sendHttp2(
      slot.session,
      what,
      () => slot.lastStreamId,
      (outcome, refused) => {
        if ('status' in outcome) slot.answers += 1;
        // Requests that the server refused have not been processed, so that any may be sent again. Others must be idempotent.
        const early = 'cause' in outcome && (outcome.cause === 'eof' || outcome.cause === 'reset');
        const retriable = refused || (early && before > 0 && what.method === 'GET');
        settle(retriable ? { ...outcome, refused, retry: (again) => this.#sendOn(at, what, again) } : outcome);
      },
    );
    return () => {
      cancel();
      // Nothing came since: the peer may be gone, and TCP would notice after minutes.
      if (slot.answers === before) slot.session.close();
    };
  }

  #usable(at: number): Slot {
    const current = this.#slots[at];
    if (current && !current.session.closed && !current.session.destroyed) return current;
    const session = connect(this.#url);
    this.#opened += 1;
    this.#open.add(session);
    session.once('close', () => this.#open.delete(session));
    // Its requests report it.
    session.on('error', () => undefined);
    const slot: Slot = { session, answers: 0, lastStreamId: undefined };
    session.on('goaway', (_code, lastStreamId) => {
      slot.lastStreamId = lastStreamId;
    });
    this.#slots[at] = slot;
    return slot;
  }
}
