import type { Endpoint } from '../health/endpoint.ts';
import { HealthServer } from '../health/health-server.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { Protection } from '../serving/protection.ts';

/** Endpoints of one address, such as `:8081`, by path. */
export interface Served {
  address: string;
  endpoints: Record<string, Endpoint>;
  /** Default: anyone who reaches the address may read them. */
  protection?: Protection | undefined;
}

/** The HTTP servers of an operator: one per address, each with the endpoints configured for that address. */
export class EndpointServers {
  readonly #servers: ReadonlyMap<string, HealthServer>;
  readonly #ports = new Map<string, number>();

  /**
   * @param served several entries may have the same address
   * @throws Error if one of them is protected and another one is not
   */
  constructor(served: readonly Served[], logger: Logger = silentLogger) {
    const merged = new Map<string, Served>();
    for (const { address, endpoints, protection } of served) {
      const before = merged.get(address);
      if (before && before.protection !== protection) {
        throw new Error(
          `${Object.keys(before.endpoints).join(', ')} and ${Object.keys(endpoints).join(', ')} have the same address ${address}, but only one is protected: give them different addresses`,
        );
      }
      merged.set(address, { address, endpoints: { ...before?.endpoints, ...endpoints }, protection });
    }
    this.#servers = new Map(
      [...merged].map(([address, { endpoints, protection }]) => [
        address,
        new HealthServer(endpoints, protection, logger),
      ]),
    );
  }

  /** Opens every port. @throws Error if an address is malformed or taken, or a certificate cannot be read */
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
