/** The part of tar-stream's API that the images use; the package has no types of its own. */
declare module 'tar-stream' {
  export interface Headers {
    name: string;
    type: 'file' | 'directory';
    size: number;
    mode: number;
    mtime: Date;
    uid: number;
    gid: number;
  }

  export interface Pack extends AsyncIterable<Uint8Array> {
    /** Starts an entry; exactly `size` bytes must be written to what it returns, and none for a folder. */
    entry(headers: Headers): NodeJS.WritableStream;
    finalize(): void;
    destroy(error?: Error): void;
  }

  export function pack(): Pack;
}
