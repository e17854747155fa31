const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines, whatever the chunks it comes in: a character or a line may be cut anywhere.
 * What comes after the last newline is a line that was cut off and is dropped.
 */
export async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  // Chunks of a line that has not ended yet; joined once, so that a very long line costs no more than its length.
  let open: Uint8Array[] = [];
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      open.push(chunk.subarray(from, end));
      const line = Buffer.concat(open).toString('utf8');
      open = [];
      from = end + 1;
      if (line !== '') yield line;
    }
    if (from < chunk.length) open.push(chunk.subarray(from));
  }
}
