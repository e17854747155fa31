import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A little CONNECT proxy. */
export interface Tunnel extends AsyncDisposable {
  readonly url: string;
  /** The first lines of what it was asked: `CONNECT host:port HTTP/1.1`. */
  readonly asked: string[];
}

/** Starts one on 127.0.0.1 that connects to `port` of this machine for any requested host. */
export async function startTunnel(port: number): Promise<Tunnel> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const tunnel = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      asked.push(head.toString().split('\r\n')[0] as string);
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      sockets.add(upstream);
      upstream.on('error', () => undefined);
    });
  }).listen(0, '127.0.0.1');
  await once(tunnel, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${(tunnel.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => tunnel.close(resolve));
    },
  };
}
