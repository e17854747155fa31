/** An event of a stream of Server-Sent Events, its data as JSON. */
export interface ReadEvent {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON it is
  data: any;
}

/** How long the next event may take, in milliseconds. */
const DEADLINE_MS = 60_000;

/** Reads Server-Sent Events as a browser does. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #abort: AbortController;
  #text = '';
  /** All that was read, as it was on the wire. */
  raw = '';

  private constructor(reader: ReadableStreamDefaultReader<string>, abort: AbortController) {
    this.#reader = reader;
    this.#abort = abort;
  }

  /** @throws if the answer is not 200 */
  static async open(url: string): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
    return new EventReader(response.body.pipeThrough(new TextDecoderStream()).getReader(), abort);
  }

  /** The next event. @throws if there is none in a minute, or the stream has ended */
  async next(): Promise<ReadEvent> {
    const timer = setTimeout(() => this.#abort.abort(new Error(`no event in ${DEADLINE_MS} ms`)), DEADLINE_MS);
    try {
      for (;;) {
        const end = this.#text.indexOf('\n\n');
        if (end >= 0) {
          const lines = this.#text.slice(0, end).split('\n');
          this.#text = this.#text.slice(end + 2);
          const field = (name: string) =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
          return { event: field('event'), data: JSON.parse(field('data')) };
        }
        const { value, done } = await this.#reader.read();
        if (done) throw new Error('the stream has ended');
        this.#text += value;
        this.raw += value;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads on until an event fits. */
  async until(fits: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    for (;;) {
      const event = await this.next();
      if (fits(event)) return event;
    }
  }

  close(): void {
    this.#abort.abort();
  }
}
