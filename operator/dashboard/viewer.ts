import type { ServerResponse } from 'node:http';

/** One open page: a stream of Server-Sent Events with a limited send buffer. */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #maxWaiting: number;

  /**
   * Begins the stream.
   * @param maxWaiting unsent bytes beyond which a viewer is too slow
   */
  constructor(response: ServerResponse, maxWaiting: number) {
    this.#response = response;
    this.#maxWaiting = maxWaiting;
    response.on('error', () => {});
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  }

  /**
   * Sends an event. A viewer that is too slow is disconnected; when it reconnects it gets everything again.
   * @param message see message()
   */
  send(message: string): void {
    if (this.#response.destroyed) return;
    if (this.#response.writableLength > this.#maxWaiting) this.#response.destroy();
    else this.#response.write(message);
  }
}

/**
 * Formats a Server-Sent Event.
 * @param json on one line, as JSON.stringify() writes it
 */
export function message(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}
