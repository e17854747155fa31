/** Bytes buffered for a slow reader beyond which reading from the network pauses. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** Passes chunks from the network (push) to one reader (iteration), with back pressure. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #pause: () => void;
  readonly #resume: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #paused = false;
  #end: { error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(flow: { pause: () => void; resume: () => void }) {
    this.#pause = flow.pause;
    this.#resume = flow.resume;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#pause();
    }
    this.#wake?.();
  }

  /** Ends the queue. The reader still gets earlier chunks, then the error, if there is one. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Ends the queue and drops buffered chunks: the reader has stopped. */
  discard(): void {
    this.#chunks = [];
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      if (this.#paused) {
        this.#paused = false;
        this.#resume();
      }
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
