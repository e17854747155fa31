import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connectBy, join } from './relay.ts';

/** A port of this machine that leads into the network of the real nodes. */
export interface Forward extends AsyncDisposable {
  port: number;
  /** Ends it, and its open connections. */
  close(): Promise<void>;
}

/** @param socket the relay's; @param target `host:port` */
export async function forward(socket: string, target: string): Promise<Forward> {
  const open = new Set<Socket>();
  const server = createServer(async (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => {});
    try {
      join(client, await connectBy(socket, target));
    } catch {
      client.resetAndDestroy();
    }
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const close = async () => {
    for (const client of open) client.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
