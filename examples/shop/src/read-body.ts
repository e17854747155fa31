import { HttpError } from './http-error.ts';
import type { Request } from './http-port.ts';

const MOST_BYTES = 64 * 1024;

/** Reads the body of a request as text. @throws HttpError 413 if it is too long */
export async function readBody(request: Request): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to the end: closing the connection earlier could lose the answer.
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  }
  if (bytes > MOST_BYTES) throw new HttpError(413, `The body has ${bytes} bytes: it must have at most ${MOST_BYTES}`);
  return Buffer.concat(chunks).toString('utf8');
}
