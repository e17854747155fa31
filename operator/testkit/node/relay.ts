// Carries connections between network namespaces, by sockets in the cluster's folder. Run as a process of its own, straight from
// source: `node relay.ts CONFIG`, CONFIG being the JSON of a RelayConfig. Erasable TypeScript and node: imports only.

import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, createServer as createTcpServer, isIP, type Socket } from 'node:net';

/** What a relay does. */
export interface RelayConfig {
  /** A Unix socket that takes HTTP CONNECT and connects from this process's network. */
  socket: string;
  /** The Unix socket of the relay that connects to loopback addresses, which are not those of this process's network. */
  loopback?: string;
  /** A port of this network whose connections go to an address that the loopback relay connects to. */
  listen?: { host: string; port: number; target: string };
}

/** How long a connection may take to be made; the API server waits for 30 s. */
const CONNECT_DEADLINE_MS = 10_000;

/**
 * Opens a connection by a relay's socket.
 *
 * @param socket the relay's Unix socket
 * @param target where to, `host:port`
 * @throws Error when the relay is not there, or cannot connect
 */
export function connectBy(socket: string, target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: socket, method: 'CONNECT', path: target, timeout: CONNECT_DEADLINE_MS });
    asking.once('connect', (answer: IncomingMessage, stream: Socket, head: Buffer) => {
      if (answer.statusCode !== 200) {
        stream.destroy();
        reject(new Error(`cannot connect to ${target}: ${answer.statusMessage}`));
        return;
      }
      if (head.length > 0) stream.unshift(head);
      stream.setTimeout(0);
      resolve(stream);
    });
    asking.once('timeout', () => asking.destroy(new Error(`no connection to ${target} in ${CONNECT_DEADLINE_MS} ms`)));
    asking.once('error', reject);
    asking.end();
  });
}

function connectTo(target: string): Promise<Socket> {
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(target) ?? [];
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), noDelay: true });
    socket.setTimeout(CONNECT_DEADLINE_MS, () => socket.destroy(new Error(`no answer in ${CONNECT_DEADLINE_MS} ms`)));
    socket.once('connect', () => resolve(socket.setTimeout(0)));
    socket.once('error', reject);
  });
}

/** Passes on all bytes both ways, and each end's close or reset to the other. */
export function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

function isLoopback(target: string): boolean {
  const host = target.slice(0, target.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function serve({ socket, loopback, listen }: RelayConfig): void {
  const dial = (target: string) =>
    loopback !== undefined && isLoopback(target) ? connectBy(loopback, target) : connectTo(target);
  const server = createServer((_, answer) => answer.writeHead(405).end('HTTP CONNECT only\n'));
  server.on('connect', async ({ url = '' }: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => {});
    try {
      const upstream = await dial(url);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      join(client, upstream);
    } catch (error) {
      const reason = (error as Error).message.replace(/[^\x20-\x7e]/g, ' ');
      client.end(`HTTP/1.1 502 ${reason}\r\n\r\n`);
    }
  });
  server.listen(socket);
  if (listen === undefined) return;
  const { host, port, target } = listen;
  createTcpServer(async (client) => {
    client.on('error', () => {});
    try {
      join(client, await dial(target));
    } catch {
      client.resetAndDestroy();
    }
  }).listen({ host, port });
}

if (process.argv[1] === import.meta.filename) serve(JSON.parse(process.argv[2] ?? '') as RelayConfig);
