import type { Endpoint } from '../health/endpoint.ts';
import { HealthServer } from '../health/health-server.ts';

/** The HTTP servers of an operator: one per address, each with the endpoints configured for that address. */
export class EndpointServers {
  readonly #servers: ReadonlyMap<string, HealthServer>;
  readonly #ports = new Map<string, number>();

  /** @param endpoints by address, such as `:8081`, then by path; several entries may have the same address */
  constructor(endpoints: readonly { address: string; endpoints: Record<string, Endpoint> }[]) {
    const merged = new Map<string, Record<string, Endpoint>>();
    for (const { address, endpoints: more } of endpoints) merged.set(address, { ...merged.get(address), ...more });
    this.#servers = new Map([...merged].map(([address, answered]) => [address, new HealthServer(answered)]));
  }

  /** Opens every port. @throws Error if an address is malformed or taken */
  async listen(): Promise<void> {
    for (const [address, server] of this.#servers) this.#ports.set(address, await server.listen(address));
  }

  /** The port that an address has led to; undefined before listen() and for an address without a server. */
  portOf(address: string | undefined): number | undefined {
    return this.#ports.get(address ?? '');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }
}
