import type { ServerResponse } from 'node:http';

/** One open page: a stream of Server-Sent Events with a bounded send buffer. */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #maxWaiting: number;

  /**
   * Starts the stream.
   * @param maxWaiting most unsent bytes before a viewer counts as too slow
   */
  constructor(response: ServerResponse, maxWaiting: number) {
    this.#response = response;
    this.#maxWaiting = maxWaiting;
    response.on('error', () => {});
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  }

  /**
   * Sends an event. A viewer that is too slow is disconnected instead; when it reconnects it receives everything again.
   * @param message see message()
   */
  send(message: string): void {
    if (this.#response.destroyed) return;
    if (this.#response.writableLength > this.#maxWaiting) this.#response.destroy();
    else this.#response.write(message);
  }
}

/**
 * Formats an event for the wire.
 * @param json one line, as JSON.stringify() writes it
 */
export function message(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}
