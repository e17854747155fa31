import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type Server as NetServer, type Socket } from 'node:net';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** First bytes of HTTP/2 with prior knowledge (RFC 9113, section 3.4). No method of HTTP/1.1 begins with them. */
const PREFACE = 'PRI';
/** A connection must send something within this time. */
const SILENT_MS = 60_000;

/** A port that serves HTTP/1.1 and, to clients that begin with it, HTTP/2 without TLS (h2c). */
export interface HttpPort {
  listening: NetServer;
  http1: Server;
  http2: Http2Server;
}

/** Creates the servers of a port. `listening.listen()` opens it. */
export function createHttpPort(serve: (request: Request, response: Response) => void): HttpPort {
  const http1 = createHttpServer(
    {
      // Longer than ingress controllers and load balancers keep unused connections, so that they close first.
      keepAliveTimeout: 75_000,
    },
    serve,
  );
  // Clients that never pause would keep their connections to old pods for ever; this way they also find new ones.
  http1.maxRequestsPerSocket = 1_000;
  const http2 = createHttp2Server(serve);
  // Without these, an error of one connection would end the process.
  http2.on('sessionError', () => {});
  const listening = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.setTimeout(SILENT_MS, () => socket.destroy());
    firstBytes(socket, (bytes) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      (bytes.toString('latin1') === PREFACE ? http2 : http1).emit('connection', socket);
    });
  });
  // Starts the checks of headersTimeout and requestTimeout, which http.Server does only when it listens itself.
  listening.once('listening', () => http1.emit('listening'));
  listening.once('close', () => http1.close());
  return { listening, http1, http2 };
}

/** Calls back when the first bytes have arrived, and leaves them in the socket. */
function firstBytes(socket: Socket, found: (bytes: Buffer) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const onEnd = () => socket.destroy();
  const onReadable = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < PREFACE.length) return;
    socket.removeListener('readable', onReadable).removeListener('end', onEnd);
    socket.unshift(bytes);
    found(bytes.subarray(0, PREFACE.length));
  };
  socket.on('readable', onReadable).on('end', onEnd);
}
