import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

/**
 * A piece of wire to an API server that can hold what is sent: the client has done its last look and handed the request to its
 * socket, and the server has nothing yet. It knows nothing of HTTP or TLS, so the server sees the client's own credentials.
 */
export class HeldWire implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What is kept back, in order; undefined: everything passes. */
  #held: { to: Socket; chunk: Buffer }[] | undefined;
  #onHeld: () => void = () => {};

  private constructor(target: URL) {
    this.#server = createServer((client) => {
      const upstream = createConnection({ host: target.hostname, port: Number(target.port) });
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
      upstream.on('data', (chunk) => client.write(chunk));
      client.on('data', (chunk: Buffer) => {
        if (!this.#held) return void upstream.write(chunk);
        this.#held.push({ to: upstream, chunk });
        this.#onHeld();
      });
    });
  }

  /** @param server address of an API server on 127.0.0.1 */
  static async to(server: string): Promise<HeldWire> {
    const wire = new HeldWire(new URL(server));
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  /** The same credentials, by way of this wire. */
  through(kubeConfig: KubeConfig): KubeConfig {
    const { port } = this.#server.address() as { port: number };
    const [cluster, user] = [kubeConfig.getCurrentCluster(), kubeConfig.getCurrentUser()];
    if (!cluster || !user) throw new Error('the kubeconfig names no cluster or no user');
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ ...cluster, server: `https://127.0.0.1:${port}` }, user);
    return config;
  }

  /** Holds what is sent from now on. @returns a promise of the moment when something has been held */
  hold(): Promise<void> {
    this.#held = [];
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  /** Lets it go, and passes on what follows. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { to, chunk } of held) to.write(chunk);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
