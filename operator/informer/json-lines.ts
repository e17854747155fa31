import { shareLoop } from '../async/loop-share.ts';

/** A line of a stream is not JSON. The text is not quoted, as it may contain a Secret. */
export class CorruptLineError extends Error {
  override readonly name = 'CorruptLineError';

  constructor(bytes: number, cause: unknown) {
    super(`the watch stream contained a line of ${bytes} bytes that is not valid JSON`, { cause });
  }
}

const NEWLINE = 0x0a;

/**
 * Parses a stream of JSON values, one per line, however it was split into chunks.
 *
 * Splitting at the newline byte is safe in UTF-8 (no character contains it), so characters may be split across chunks.
 * A last line without a newline is dropped: the connection ended in the middle of it.
 *
 * @throws CorruptLineError
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  // The parts of a line are joined once, when it is complete. Joining at each chunk would be quadratic in its length.
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      const tail = chunk.subarray(start, end);
      start = end + 1;
      const line = pending.length === 0 ? tail : Buffer.concat([...pending, tail]);
      pending = [];
      if (line.byteLength === 0) continue;
      // Thousands of objects may have arrived at once and would block the event loop.
      await shareLoop();
      yield parseLine(line);
    }
    if (start < chunk.byteLength) pending.push(chunk.subarray(start));
  }
}

function parseLine(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch (error) {
    throw new CorruptLineError(line.byteLength, error);
  }
}
