// Carries connections between network namespaces, by sockets in the cluster's folder. Run as a process of its own, straight from
// source: `node relay.ts CONFIG`, CONFIG being the JSON of a RelayConfig. Erasable TypeScript and node: imports only.

import { createServer, type IncomingMessage, request } from 'node:http';
import { BlockList, connect, createServer as createTcpServer, isIPv4, type Socket } from 'node:net';

/** What a relay does. */
export interface RelayConfig {
  /** A Unix socket that takes HTTP CONNECT and connects from this process's network. */
  socket: string;
  /** The addresses (`10.0.0.0/24`) to connect to from this process's network; all others are left to the relay of a Unix socket. */
  inside?: { networks: string[]; others: string };
  /** A port of this network whose connections go to an address. */
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

/**
 * Passes on all bytes both ways, and each end's close. A direction may end before the other, as with a client that ends its
 * request by closing its side. A reset arrives as a close.
 */
export function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.allowHalfOpen = true;
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    // After an orderly end, what is still to be written must not be lost.
    from.on('close', () => from.readableEnded || to.destroy());
    from.pipe(to);
  }
  // Whoever has left meanwhile does not say so again.
  if (one.destroyed || other.destroyed) for (const socket of [one, other]) socket.destroy();
}

function contains(networks: readonly string[]): (host: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), 'ipv4');
  }
  return (host) => isIPv4(host) && list.check(host, 'ipv4');
}

function serve({ socket, inside, listen }: RelayConfig): void {
  const isInside = contains(inside?.networks ?? []);
  const dial = (target: string) =>
    inside === undefined || isInside(target.slice(0, target.lastIndexOf(':')))
      ? connectTo(target)
      : connectBy(inside.others, target);
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
