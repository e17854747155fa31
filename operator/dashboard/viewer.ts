import type { ServerResponse } from 'node:http';

/** One open page: a stream of Server-Sent Events to it, with a bound to what waits to be sent. */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #maxWaiting: number;

  /**
   * Begins the stream.
   * @param maxWaiting bytes not taken in yet with which a viewer is too slow
   */
  constructor(response: ServerResponse, maxWaiting: number) {
    this.#response = response;
    this.#maxWaiting = maxWaiting;
    response.on('error', () => {});
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  }

  /**
   * Sends an event. A viewer that has not taken in what it was sent before is dropped: when it comes back it gets all anew.
   * @param message see message()
   */
  send(message: string): void {
    if (this.#response.destroyed) return;
    if (this.#response.writableLength > this.#maxWaiting) this.#response.destroy();
    else this.#response.write(message);
  }
}

/**
 * An event as it is on the wire.
 * @param json on one line, as JSON.stringify() writes it
 */
export function message(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}
