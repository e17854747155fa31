import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Fault } from './fault.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/** The answer to a client while the server is still sending it. */
export interface OpenStream {
  request: ProxiedRequest;
  socket: Socket;
  /** Nothing is passed on any more. */
  dead: boolean;
}

/**
 * Passes an answer on with the effect of a fault.
 * @param stop `cut` kills the connection, `end` ends the answer properly
 */
export async function pipeWithFault(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  stop: { cut: () => void; end: () => void },
  stream: OpenStream,
): Promise<void> {
  switch (fault?.kind) {
    case 'cut-after-lines':
    case 'stall-after-lines':
    case 'end-after-lines': {
      let lines = 0;
      const finish = () => {
        if (fault.kind === 'cut-after-lines') stop.cut();
        else if (fault.kind === 'end-after-lines') stop.end();
      };
      if (fault.lines > 0) {
        for await (const line of linesOf(answer)) {
          response.write(`${line}\n`);
          lines += 1;
          if (lines < fault.lines) continue;
          // Let the last line reach the client before the connection dies.
          setTimeout(finish, 5);
          // Keep reading, so that the server does not notice.
          for await (const _ of answer);
          return;
        }
        response.end();
        return;
      }
      finish();
      for await (const _ of answer);
      return;
    }
    case 'rewrite-lines': {
      let index = 0;
      for await (const line of linesOf(answer)) {
        const rewritten = fault.rewrite(line, index++);
        for (const out of Array.isArray(rewritten) ? rewritten : rewritten === null ? [] : [rewritten])
          response.write(`${out}\n`);
      }
      response.end();
      return;
    }
    case 'chop':
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        for (let start = 0; start < chunk.byteLength; start += fault.bytes) {
          response.write(chunk.subarray(start, start + fault.bytes));
          // Small writes in one turn of the event loop would be joined again.
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      response.end();
      return;
    case 'end-after-ms':
      for await (const chunk of answer) if (!fault.silent && !response.writableEnded) response.write(chunk);
      if (!response.writableEnded) response.end();
      return;
    default:
      for await (const chunk of answer) if (!stream.dead) response.write(chunk);
      if (!stream.dead) response.end();
  }
}

/** The whole body of a message. */
export async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  // Not by for-await over the stream itself: leaving that loop early would destroy the stream.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      start = end + 1;
    }
    if (start < chunk.byteLength) pending.push(chunk.subarray(start));
  }
}
